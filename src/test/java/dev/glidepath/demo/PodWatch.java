package dev.glidepath.demo;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Sees every pod come, become Ready and go, and which new pod takes the place of which. */
final class PodWatch implements AutoCloseable, Watcher<Pod> {
    private final Map<String, Seen> byUid = new LinkedHashMap<>();
    private final Map<String, Deque<String>> vacanciesByWorkload = new HashMap<>();
    private final Map<String, String> successorOf = new HashMap<>();
    private final Set<String> newcomers = new HashSet<>();
    private final List<Arrival> arrivals = new ArrayList<>();
    private final Watch watch;

    /**
     * A pod as it was last seen.
     *
     * @param wasReady whether it ever was
     * @param leaving whether it is on its way out, or gone
     */
    record Seen(String uid, String name, String workload, String node, boolean wasReady, boolean leaving) {}

    /**
     * A new pod is Ready.
     *
     * @param available how many pods of its workload are Ready now and not on their way out
     */
    record Arrival(Instant at, Seen pod, long available) {}

    PodWatch(Scenery scenery) {
        var pods =
                scenery.cluster().client().pods().inNamespace(scenery.cluster().namespace());
        var now = pods.list();
        now.getItems().forEach(pod -> byUid.put(pod.getMetadata().getUid(), seen(pod, false, false)));
        watch = pods.watch(
                new ListOptionsBuilder()
                        .withResourceVersion(now.getMetadata().getResourceVersion())
                        .build(),
                this);
    }

    @Override
    public synchronized void eventReceived(Action action, Pod pod) {
        if (action == Action.BOOKMARK || action == Action.ERROR) {
            return;
        }
        var before = Optional.ofNullable(byUid.get(pod.getMetadata().getUid()));
        boolean wasReady = before.map(Seen::wasReady).orElse(false);
        var now = seen(pod, wasReady, action == Action.DELETED);
        byUid.put(now.uid(), now);
        var vacancies = vacanciesByWorkload.computeIfAbsent(now.workload(), _ -> new ArrayDeque<>());
        if (before.isEmpty()) {
            newcomers.add(now.uid());
            Optional.ofNullable(vacancies.poll()).ifPresent(vacancy -> successorOf.put(vacancy, now.uid()));
        }
        if (now.leaving() && !before.map(Seen::leaving).orElse(false)) {
            vacancies.add(now.uid());
        }
        if (now.wasReady() && !wasReady && newcomers.contains(now.uid())) {
            arrivals.add(new Arrival(Instant.now(), now, available(now.workload())));
        }
    }

    /** A watch that breaks off makes the outcome wrong, never better: what it did not see does not count. */
    @Override
    public void onClose(WatcherException cause) {}

    /** Those since the last time this was asked. */
    synchronized List<Arrival> newArrivals() {
        var news = List.copyOf(arrivals);
        arrivals.clear();
        return news;
    }

    /** The pods that have left this node, or are about to. */
    synchronized List<Seen> leftFrom(String node) {
        return byUid.values().stream()
                .filter(pod -> pod.leaving() && pod.node().equals(node))
                .toList();
    }

    /** How many of these have somebody Ready in their place. */
    synchronized long replaced(Collection<Seen> pods) {
        return pods.stream().filter(pod -> isReplaced(pod.uid())).count();
    }

    @Override
    public void close() {
        watch.close();
    }

    /** A successor may have had to leave in its turn. */
    private boolean isReplaced(String uid) {
        var successor = successorOf.get(uid);
        return successor != null
                && (Objects.requireNonNull(byUid.get(successor)).wasReady() || isReplaced(successor));
    }

    private long available(String workload) {
        return byUid.values().stream()
                .filter(pod -> pod.workload().equals(workload) && pod.wasReady() && !pod.leaving())
                .count();
    }

    private static Seen seen(Pod pod, boolean wasReady, boolean gone) {
        return new Seen(
                pod.getMetadata().getUid(),
                pod.getMetadata().getName(),
                pod.getMetadata().getLabels().getOrDefault("app", ""),
                Optional.ofNullable(pod.getSpec().getNodeName()).orElse(""),
                wasReady || Readiness.isPodReady(pod),
                gone || pod.getMetadata().getDeletionTimestamp() != null);
    }
}
