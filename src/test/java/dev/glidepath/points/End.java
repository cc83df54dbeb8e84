package dev.glidepath.points;

import dev.glidepath.node.Journal;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is left of a departure: the same in every run of one kind, so that names and times that differ from run to run are not in it.
 *
 * @param there whether the node is there
 * @param ours the taints, labels and annotations on it that are the program's, by their keys
 * @param journal what state the journal is in; empty where there is none, or none that can be read
 * @param held whether the journal names a holder
 * @param changed what the journal remembers as changed
 * @param settled the kinds of the interruptions that are settled, and of the others those that are live
 * @param pods the workloads that have pods on the node
 * @param completions of the hook, each with its result and the workloads that had pods on the node then
 * @param messages how many are in the queue
 */
record End(
        boolean there,
        boolean unschedulable,
        Set<String> ours,
        String journal,
        boolean held,
        Set<String> changed,
        List<String> settled,
        List<String> live,
        List<String> pods,
        List<String> completions,
        int messages) {
    End {
        ours = new TreeSet<>(ours);
        changed = new TreeSet<>(changed);
        settled = List.copyOf(settled);
        live = List.copyOf(live);
        pods = List.copyOf(pods);
        completions = List.copyOf(completions);
    }

    /** As it is now. */
    static End of(TestSetup setup, List<String> completions) {
        Optional<Node> node = setup.cluster().nodes().contains(setup.doomed())
                ? Optional.ofNullable(setup.cluster()
                        .client()
                        .nodes()
                        .withName(setup.doomed().name())
                        .get())
                : Optional.empty();
        Optional<Journal> journal = node.flatMap(_ -> setup.cluster().journal(setup.doomed()));
        return new End(
                node.isPresent(),
                node.filter(there -> Boolean.TRUE.equals(there.getSpec().getUnschedulable()))
                        .isPresent(),
                node.map(End::ours).orElse(Set.of()),
                journal.map(read -> read.state().name()).orElse(""),
                journal.flatMap(Journal::holder).isPresent(),
                journal.stream()
                        .flatMap(read -> read.changed().stream())
                        .map(Enum::name)
                        .collect(Collectors.toSet()),
                journal.stream()
                        .flatMap(read -> read.settled().stream())
                        .map(paid -> kind(paid.id().value()))
                        .sorted()
                        .toList(),
                journal.stream()
                        .flatMap(read -> read.causes().stream())
                        .map(cause -> kind(cause.id().value()))
                        .sorted()
                        .toList(),
                setup.podsThere(),
                completions,
                setup.queue().visible() + setup.queue().inFlight());
    }

    /** What is different here than it was to be, in words; empty where nothing is. */
    String differenceFrom(End expected) {
        return Stream.of(End.class.getRecordComponents())
                .filter(part -> !valueOf(part, this).equals(valueOf(part, expected)))
                .map(part -> "%s is %s instead of %s"
                        .formatted(part.getName(), valueOf(part, this), valueOf(part, expected)))
                .collect(Collectors.joining("; "));
    }

    private static Object valueOf(RecordComponent part, End end) {
        try {
            return part.getAccessor().invoke(end);
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static Set<String> ours(Node node) {
        return Stream.of(
                        keys(Optional.ofNullable(node.getMetadata().getAnnotations())
                                .map(annotations -> annotations.keySet())),
                        keys(Optional.ofNullable(node.getMetadata().getLabels()).map(labels -> labels.keySet())),
                        node.getSpec().getTaints().stream().map(Taint::getKey))
                .flatMap(keys -> keys)
                .filter(key -> key.startsWith("glidepath.dev/")
                        || key.equals("node.kubernetes.io/out-of-service")
                        || key.equals("node.kubernetes.io/exclude-from-external-load-balancers"))
                .collect(Collectors.toSet());
    }

    private static Stream<String> keys(Optional<? extends Collection<String>> given) {
        return given.stream().flatMap(Collection::stream);
    }

    private static String kind(String interruption) {
        int slash = interruption.indexOf('/');
        return slash < 0 ? interruption : interruption.substring(0, slash);
    }
}
