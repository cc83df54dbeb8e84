package dev.glidepath.points;

import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.LabVolume;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Where one departure happens: nodes, a queue and an Auto Scaling of its own, on a control plane that others use as well. */
final class TestSetup implements AutoCloseable {
    private final ControlPlane plane;
    private final TestCluster cluster;
    private final LabNode doomed;
    private final TestQueue queue = TestQueue.create();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final AtomicReference<@Nullable LabVolume> volume = new AtomicReference<>();
    private final AtomicReference<@Nullable LifecycleAction> action = new AtomicReference<>();
    private boolean detached;

    /** With a node to be drained, and one for the pods that replace those. */
    TestSetup(ControlPlane plane) {
        this.plane = plane;
        cluster = TestCluster.create(plane);
        doomed = cluster.nodes("doomed", "spare").getFirst();
    }

    ControlPlane plane() {
        return plane;
    }

    TestCluster cluster() {
        return cluster;
    }

    LabNode doomed() {
        return doomed;
    }

    TestQueue queue() {
        return queue;
    }

    AutoScalingStandIn autoScaling() {
        return autoScaling;
    }

    /** The action that holds the instance, where one does. */
    Optional<LifecycleAction> action() {
        return Optional.ofNullable(action.get());
    }

    void add(LifecycleAction begun) {
        action.set(begun);
    }

    void add(LabVolume attached) {
        volume.set(attached);
    }

    /** The workloads that have a pod on the node, as often as they have. */
    List<String> podsThere() {
        return cluster.podsOn(doomed).stream()
                .map(TestSetup::workloadOf)
                .sorted()
                .toList();
    }

    /** What nobody does in the lab: a volume is detached when no pod on the node has it any more. */
    void detachFreeVolume() {
        LabVolume attached = volume.get();
        if (attached != null && !detached && podsThere().stream().noneMatch("db"::equals)) {
            attached.detach();
            detached = true;
        }
    }

    private static String workloadOf(Pod pod) {
        return pod.getMetadata()
                .getLabels()
                .getOrDefault("app", pod.getMetadata().getName());
    }

    @Override
    public void close() {
        cluster.close();
        LabVolume attached = volume.get();
        if (attached != null) {
            attached.close();
        }
        autoScaling.close();
    }
}
