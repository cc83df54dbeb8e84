package dev.glidepath.lab;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The most pods of a workload that were away at once: wanted, but not Ready, on their way out or not there. Seen by a watch, so that no
 * moment in between is missed.
 */
public final class Unavailability implements AutoCloseable, Watcher<Pod> {
    private final Workload workload;
    private final Map<String, Boolean> availableByUid;
    private final Watch watch;
    private int most;
    private @Nullable WatcherException broken;

    Unavailability(Workload workload) {
        this.workload = workload;
        var now = workload.select().list();
        availableByUid = new HashMap<>(byUid(now.getItems()));
        most = away();
        watch = workload.select()
                .watch(
                        new ListOptionsBuilder()
                                .withResourceVersion(now.getMetadata().getResourceVersion())
                                .build(),
                        this);
    }

    /**
     * The most so far, up to what the API server knows at this call.
     *
     * @throws IllegalStateException when the watch broke off, so that something may have been missed
     */
    public int mostAtOnce() {
        workload.cluster().await("the watch to have seen what is there now", () -> {
            var now = byUid(workload.pods());
            synchronized (this) {
                return broken != null || availableByUid.equals(now);
            }
        });
        synchronized (this) {
            if (broken != null) {
                throw new IllegalStateException("the watch over " + workload.name() + " broke off", broken);
            }
            return most;
        }
    }

    @Override
    public synchronized void eventReceived(Action action, Pod pod) {
        var uid = pod.getMetadata().getUid();
        switch (action) {
            case ADDED, MODIFIED -> availableByUid.put(uid, Workload.isAvailable(pod));
            case DELETED -> availableByUid.remove(uid);
            case BOOKMARK, ERROR -> {}
        }
        most = Math.max(most, away());
    }

    @Override
    public synchronized void onClose(WatcherException cause) {
        broken = cause;
    }

    @Override
    public void close() {
        watch.close();
    }

    private int away() {
        return workload.desired()
                - Math.toIntExact(
                        availableByUid.values().stream().filter(it -> it).count());
    }

    private static Map<String, Boolean> byUid(List<Pod> pods) {
        return pods.stream().collect(Collectors.toMap(pod -> pod.getMetadata().getUid(), Workload::isAvailable));
    }
}
