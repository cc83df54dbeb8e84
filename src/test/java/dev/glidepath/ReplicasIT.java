package dev.glidepath;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.ActionState.Completed;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.FaultProxy;
import dev.glidepath.lab.FaultProxy.Request;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.lab.Workload;
import dev.glidepath.observe.LogEvent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A replica that cannot show that it lives, beside one that can. */
@RunsTheProgram
class ReplicasIT {
    private static final Duration LIMIT = ofMinutes(4);
    private static final String USER = AuditLog.serviceAccount("glidepath", "glidepath");

    private final ControlPlane plane = ControlPlane.shared();
    private final TestQueue queue = TestQueue.create();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final TestCluster cluster = TestCluster.create(plane);

    /** What does not get through any more. */
    enum Cut {
        EVERYTHING,
        /** All else it could do. */
        ITS_LEASE;

        boolean stops(Request request) {
            return switch (this) {
                case EVERYTHING -> true;
                case ITS_LEASE -> request.path().contains("/namespaces/glidepath/leases") && !request.isWatch();
            };
        }
    }

    @AfterEach
    void end() {
        cluster.close();
        autoScaling.close();
    }

    @ParameterizedTest
    @EnumSource
    void beginsNothingMoreAndLeavesItsDepartureToTheOtherForGood(Cut cut) {
        LabNode doomed = cluster.node("doomed");
        Workload web = cluster.deployment("web")
                .replicas(2)
                .exitAfter(ofSeconds(15))
                .on(doomed)
                .create();
        cluster.budget("web", web).minAvailable(2);
        autoScaling.addHook(Hook.of("workers", "drain"));
        AuditLog.Mark mark = plane.audit().mark();
        try (FaultProxy proxy = FaultProxy.before(plane);
                DaemonProcess silent = DaemonProcess.start(
                        plane,
                        queue,
                        autoScaling,
                        Map.of(
                                "KUBECONFIG",
                                proxy.kubeconfigFor("glidepath", "glidepath").toString()))) {
            silent.awaitReady();
            LifecycleAction action =
                    autoScaling.terminate("workers", doomed.instance(), queue).getFirst();
            silent.await1(LogEvent.EVICTION_BLOCKED);
            try (DaemonProcess other = DaemonProcess.start(plane, queue, autoScaling)) {
                other.awaitReady();
                FaultProxy.Rule evictions = proxy.on(Request::isEviction).drop();
                FaultProxy.Rule cutOff = proxy.on(cut::stops).drop();
                Instant end = Instant.now().plus(ofSeconds(10 + 3)); // and what is on its way arrives

                await("the end of what it may do")
                        .atMost(LIMIT)
                        .pollInterval(ofMillis(50))
                        .until(() -> Instant.now().isAfter(end));
                int before = evictions.met();
                cluster.client()
                        .policy()
                        .v1()
                        .podDisruptionBudget()
                        .inNamespace(cluster.namespace())
                        .withName("web")
                        .delete();

                other.await1(LogEvent.DEPARTURE_TAKEN_OVER);
                await("two evictions")
                        .atMost(LIMIT)
                        .until(() -> other.told(LogEvent.POD_EVICTED).size() == 2);
                assertThat(evictions.met()).as("evictions it tried").isEqualTo(before);
                cutOff.end();
                evictions.end();
                AuditLog.Mark returned = plane.audit().mark();
                await("it to be well again")
                        .atMost(LIMIT)
                        .until(() -> silent.get("/health/ready").contains("\"UP\""));
                other.await1(LogEvent.DEPARTURE_SETTLED);
                await("the queue to be empty").atMost(LIMIT).until(queue::isEmpty);

                assertThat(silent.told(LogEvent.POD_EVICTED)).isEmpty();
                assertThat(silent.told(LogEvent.LIFECYCLE_COMPLETED)).isEmpty();
                assertThat(plane.audit().since(returned).stream()
                                .filter(by(USER))
                                .filter(to("create", "pods/eviction")))
                        .as("evictions after its return")
                        .isEmpty();
                assertThat(plane.audit().since(mark).stream()
                                .filter(by(USER))
                                .filter(to("create", "pods/eviction"))
                                .filter(request -> request.code() == 201))
                        .hasSize(2);
                assertThat(autoScaling.completionsOf(action)).hasSize(1);
                assertThat(autoScaling.stateOf(action)).isInstanceOf(Completed.class);
            }
        }
    }
}
