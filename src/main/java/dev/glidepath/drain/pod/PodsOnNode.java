package dev.glidepath.drain.pod;

import dev.glidepath.apiserver.encoding.Resource;
import dev.glidepath.apiserver.watch.Watch;
import dev.glidepath.apiserver.watch.Watcher;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.drain.pod.PodSight.NotListed;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * The pods on one departing node: listed from the server, then watched, so that their going costs no call. A pod is gone
 * when its UID is, and never comes back; it is remembered as it was seen last.
 */
public final class PodsOnNode implements AutoCloseable {
    private static final Resource PODS = new Resource("/api/v1/pods", PodReader.READS);

    /**
     * With a limit, and no version to go by, the server reads all pods of the cluster from etcd to find those of one node; without one
     * it has them in its memory (from 1.31 on, older servers read from etcd in either case). A version of 0 would be answered from
     * memory by all of them, but perhaps as things were before the cordon. There are no more than the kubelet allows, 110 as it
     * comes, and each is reduced as it is read.
     */
    private static final boolean IN_PAGES = false;

    private final Runnable onChange;
    private final Watch<Pod> watch;

    /** So many that are gone are kept as they were: a DaemonSet whose pod is evicted may make another, again and again. */
    private static final int MOST_GONE = 1_000;

    private final Object lock = new Object();
    private final Map<String, Pod> present = new LinkedHashMap<>();
    private final Map<String, Pod> gone = new LinkedHashMap<>();
    private final Set<String> everGone = new HashSet<>();
    private Instant listedAt = Instant.MIN;

    /**
     * Nothing is asked of the server yet.
     *
     * @param node the node's name
     * @param onChange called after each change, on a thread of ours: be brief
     */
    public PodsOnNode(Watcher watcher, String node, Runnable onChange) {
        this.onChange = onChange;
        watch = new Watch<>(
                watcher,
                new Watch.Kind<>(
                        PODS,
                        "fieldSelector=" + URLEncoder.encode("spec.nodeName=" + node, StandardCharsets.UTF_8),
                        IN_PAGES,
                        "pods of " + node,
                        pod -> PodReader.pod(pod, watcher.clock().instant())),
                new Listening());
    }

    /** What can be seen now. */
    public PodSight sight() {
        synchronized (lock) {
            return listedAt.equals(Instant.MIN)
                    ? new NotListed()
                    : new Listed(List.copyOf(present.values()), List.copyOf(gone.values()), listedAt);
        }
    }

    /**
     * Lists the pods from the server, and watches them from then on. A later list adds those the watch has not told of
     * yet; it takes none away, which is for the watch to tell.
     *
     * @throws IOException when the server cannot be reached or refuses
     * @throws InterruptedException when the program ends meanwhile
     */
    public void list() throws IOException, InterruptedException {
        watch.list(all -> change(() -> {
            all.objects().forEach(this::seeIfNew);
            listedAt = all.askedAt();
            return true;
        }));
    }

    /** Ends the watch. */
    @Override
    public void close() {
        watch.close();
    }

    /** Tells whether anything of it is new that matters here. */
    private boolean see(Pod pod) {
        if (everGone.contains(pod.ref().uid())) {
            return false;
        }
        Pod before = present.get(pod.ref().uid());
        Pod after = before == null ? pod : pod.after(before);
        present.put(pod.ref().uid(), after);
        return before == null || !after.tellsTheSameAs(before);
    }

    /** The watch may have told of a pod in the meantime, and knows better than a list that was read before. */
    private void seeIfNew(Pod pod) {
        if (!present.containsKey(pod.ref().uid())) {
            var _ = see(pod);
        }
    }

    private void forget(String uid) {
        Pod last = present.remove(uid);
        if (last == null) {
            return;
        }
        everGone.add(uid);
        gone.put(uid, last);
        if (gone.size() > MOST_GONE) {
            gone.remove(gone.keySet().iterator().next());
        }
    }

    /**
     * @param change tells whether anything is different
     */
    private void change(BooleanSupplier change) {
        boolean different;
        synchronized (lock) {
            different = change.getAsBoolean();
        }
        if (different) {
            onChange.run();
        }
    }

    private final class Listening implements Watch.Listener<Pod> {
        /** After a gap nobody told of: what is not in the list any more is gone. */
        @Override
        public void listed(Watch.Listed<Pod> all) {
            change(() -> {
                Set<String> there = new HashSet<>();
                all.objects().forEach(pod -> there.add(pod.ref().uid()));
                List.copyOf(present.keySet()).stream()
                        .filter(uid -> !there.contains(uid))
                        .forEach(PodsOnNode.this::forget);
                all.objects().forEach(PodsOnNode.this::see);
                return true;
            });
        }

        @Override
        public void seen(Pod pod) {
            change(() -> see(pod));
        }

        @Override
        public void deleted(Pod last) {
            change(() -> {
                var _ = see(last);
                forget(last.ref().uid());
                return true;
            });
        }
    }
}
