package dev.glidepath.departure.story;

import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.departure.story.Entry.Reported;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Kind;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Subject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which departure an entry is about. A departure is known by its instance and its start, which a restart finds in the journal.
 *
 * @param node empty until a node of the instance is seen
 * @param kind of the interruption that leads
 * @param start empty where another replica has begun it, and this one has not taken it over
 */
record Identity(InstanceId instance, Optional<NodeName> node, Optional<Kind> kind, Optional<Instant> start) {

    /** Only the instance is known. */
    static Identity of(InstanceId instance) {
        return new Identity(instance, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** With what a snapshot adds. A journal under way knows better than a notice. */
    Identity seenIn(Snapshot snapshot) {
        Optional<Notice> first = snapshot.notices().stream().findFirst();
        Identity noticed = new Identity(
                instance,
                node,
                first.map(notice -> notice.interruption().kind()).or(() -> kind),
                start);
        Identity located = noticed.locatedBy(snapshot.node());
        return new Identity(
                instance, located.node, located.kind, located.start.or(() -> first.map(Notice::receivedAt)));
    }

    /** With what its journal says. */
    Identity journaledAs(Journal journal) {
        Optional<Kind> leading = journal.causes().stream().findFirst().map(Journal.Cause::kind);
        return new Identity(instance, node, leading.or(() -> kind), Optional.of(journal.start()));
    }

    private Identity locatedBy(NodeSight seen) {
        return switch (seen) {
            case NodeSight.Present(KubeNode present) -> {
                Identity on = on(present.name());
                yield present.journal()
                        .filter(journal -> journal.state() == Journal.State.OPEN)
                        .map(on::journaledAs)
                        .orElse(on);
            }
            case NodeSight.Gone(NodeName name, var _, var _) -> on(name);
            case NodeSight.NeverSeen _ -> this;
        };
    }

    private Identity on(NodeName name) {
        return new Identity(instance, Optional.of(name), kind, start);
    }

    /** An entry about it, for the log alone. */
    Reported entry(LogEvent event, String text, Map<Field, ?> fields) {
        Map<Field, Object> all = new EnumMap<>(Field.class);
        all.put(Field.INSTANCE, instance);
        node.ifPresent(name -> all.put(Field.NODE, name));
        kind.ifPresent(leading -> all.put(Field.KIND, leading.label()));
        start.ifPresent(at -> all.put(Field.DEPARTURE, instance + "@" + at.truncatedTo(ChronoUnit.SECONDS)));
        all.putAll(fields);
        return new Reported(event, text, all, List.of(), Optional.empty());
    }

    /** An entry that its node shows as well, where it has one. */
    Reported entryOnNode(LogEvent event, String text, Map<Field, ?> fields, String note) {
        Reported entry = entry(event, text, fields);
        return node.map(name -> entry.shownBy(new ClusterEvent(new Subject.Node(name.value()), note)))
                .orElse(entry);
    }

    /** An entry that a pod shows as well. */
    Reported entryOnPod(PodRef pod, LogEvent event, String text, Map<Field, ?> fields, String note) {
        Subject subject = new Subject.Pod(pod.namespace(), pod.name(), pod.uid());
        return entry(event, text, fields).shownBy(new ClusterEvent(subject, note));
    }
}
