package dev.glidepath.chart;

import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofSeconds;

import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.AutoScalingStandIn.Place;
import dev.glidepath.observe.LogEvent;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A capability of the daemon, and the rule of the chart's roles without which the daemon lacks it.
 *
 * @param name in words, such as {@code evict pods}
 * @param rule as the chart's rules are printed
 * @param begin gives the daemon something to do that needs the capability
 * @param isDone whether the daemon has done it
 */
record Capability(String name, String rule, Consumer<TestSetup> begin, Predicate<TestSetup> isDone) {
    static final List<Capability> ALL = List.of(
            new Capability(
                    "find a node",
                    "nodes: list, watch",
                    TestSetup::sendSpotNotice,
                    setup -> setup.hasLogged(LogEvent.NODE_CORDONED)),
            new Capability(
                    "cordon a node",
                    "nodes: patch",
                    TestSetup::sendSpotNotice,
                    setup -> setup.cluster().isCordoned(setup.doomed())
                            && setup.cluster().journal(setup.doomed()).isPresent()),
            new Capability(
                    "see pods",
                    "pods: list, watch",
                    setup -> {
                        setup.createDeployment();
                        setup.sendSpotNotice();
                    },
                    setup -> setup.hasLogged(LogEvent.POD_EVICTED)),
            new Capability(
                    "evict pods",
                    "pods/eviction: create",
                    setup -> {
                        setup.createDeployment();
                        setup.sendSpotNotice();
                    },
                    setup -> setup.podsOnDoomed().isEmpty()),
            new Capability(
                    "wait for a budget",
                    "poddisruptionbudgets: list, watch",
                    setup -> {
                        setup.createBlockedDeployment(ofSeconds(10));
                        setup.sendSpotNotice();
                    },
                    setup -> setup.hasLogged(LogEvent.EVICTION_BLOCKED)
                            && setup.requests().noneMatch(to("create", "pods/eviction"))),
            new Capability(
                    "honor the annotation of a namespace",
                    "namespaces: list, watch",
                    setup -> {
                        setup.annotateNamespace("glidepath.dev/drain", "skip");
                        setup.createDeployment();
                        setup.sendSpotNotice();
                    },
                    setup -> setup.hasLogged(LogEvent.DEPARTURE_SETTLED)
                            && setup.podsOnDoomed().size() == 1),
            new Capability(
                    "find the volume of a pod",
                    "persistentvolumeclaims: get",
                    TestSetup::terminateWithVolumeAttached,
                    TestSetup::isHeldAfterLastPod),
            new Capability(
                    "wait until a volume is detached",
                    "volumeattachments: list, watch",
                    TestSetup::terminateWithVolumeAttached,
                    TestSetup::isHeldAfterLastPod),
            new Capability(
                    "publish events",
                    "events: create",
                    TestSetup::sendSpotNotice,
                    setup -> setup.hasPublishedForDoomed("NodeCordoned")),
            new Capability(
                    "delete pods at the last call",
                    "pods: delete",
                    setup -> {
                        setup.createBlockedDeployment(ofSeconds(10));
                        setup.sendSpotNoticeNearLastCall();
                    },
                    setup -> setup.podsOnDoomed().stream().anyMatch(Capability::isTerminating)),
            // Only the pod of a Job gets the condition.
            new Capability(
                    "set a condition on deleted pods",
                    "pods/status: patch",
                    setup -> {
                        setup.createBlockedJob();
                        setup.sendSpotNoticeNearLastCall();
                    },
                    setup -> setup.podsOnDoomed().stream()
                            .filter(Capability::isTerminating)
                            .anyMatch(Capability::hasDisruptionTarget)),
            new Capability(
                    "see the other replicas",
                    "leases: list, watch",
                    setup -> {},
                    setup -> setup.daemon().isReady()),
            new Capability(
                    "be seen by the other replicas",
                    "leases: get, create, update, delete",
                    setup -> {},
                    TestSetup::hasLeaseOfDaemon),
            // A node that comes back from the warm pool is uncordoned once its kubelet has renewed its Lease.
            new Capability(
                    "ask whether a kubelet lives",
                    "leases: get",
                    Capability::returnFromWarmPool,
                    setup -> setup.requests()
                            .filter(to("get", "leases"))
                            .filter(request ->
                                    request.name().equals(setup.doomed().name()))
                            .anyMatch(request -> request.code() == 200)));

    @Override
    public String toString() {
        return name;
    }

    private static void returnFromWarmPool(TestSetup setup) {
        var instance = setup.doomed().instance();
        setup.autoScaling().addHook(Hook.of("workers", "drain"));
        setup.autoScaling().addHook(Hook.launching("workers", "glidepath-join"));
        setup.autoScaling().terminate("workers", instance, Place.WARM_POOL, setup.queue());
        setup.daemon().await1(LogEvent.DEPARTURE_SETTLED);
        setup.cluster().notReady(setup.doomed());
        setup.autoScaling().launch("workers", instance, Place.WARM_POOL, Place.AUTO_SCALING_GROUP, setup.queue());
        setup.cluster().reboots(setup.doomed());
    }

    private static boolean isTerminating(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    private static boolean hasDisruptionTarget(Pod pod) {
        return pod.getStatus().getConditions().stream()
                .anyMatch(condition -> condition.getType().equals("DisruptionTarget"));
    }
}
