package dev.glidepath;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AuditLog.Request;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.FaultProxy;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.observe.LogEvent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Evictions that wait for their turn while what allowed them ends: one passes at a time, and each answer is late. The API server's
 * own log tells when it received each.
 */
@RunsTheProgram
class FullGateIT {
    private static final Duration LIMIT = ofMinutes(3);
    private static final String USER = AuditLog.serviceAccount("glidepath", "glidepath");

    private static final int PODS = 12;

    /** How long a replica may act after it sent the last renewal of its Lease that succeeded. */
    private static final Duration MAY_ACT_FOR = ofSeconds(10);

    /** How long a request that was sent may take to arrive on a busy computer. */
    private static final Duration ON_ITS_WAY = ofSeconds(3);

    /** How late each answer to an eviction is, and so is the next eviction: what must not be sent arrives that much later. */
    private static final Duration LATE = ON_ITS_WAY.multipliedBy(2);

    private static final Duration TWO_EVICTIONS = LATE.multipliedBy(2).plus(ON_ITS_WAY);

    private final ControlPlane plane = ControlPlane.shared();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final TestQueue queue = TestQueue.create();
    private TestCluster cluster;
    private LabNode doomed;
    private FaultProxy proxy;
    private DaemonProcess daemon;
    private AuditLog.Mark mark;

    @BeforeEach
    void aDaemonBehindAProxy() {
        cluster = TestCluster.create(plane);
        doomed = cluster.node("doomed");
        cluster.nodes("spare", "spare-2", "spare-3", "spare-4", "spare-5");
        cluster.deployment("web").replicas(PODS).createOn(doomed);
        proxy = FaultProxy.before(plane);
        daemon = DaemonProcess.start(
                        plane,
                        queue,
                        autoScaling,
                        Map.of(
                                "KUBECONFIG",
                                proxy.kubeconfigFor("glidepath", "glidepath").toString(),
                                "GLIDEPATH_DRAIN_EVICTIONS_IN_FLIGHT",
                                "1"))
                .awaitReady();
        mark = plane.audit().mark();
    }

    @AfterEach
    void end() {
        daemon.close();
        proxy.close();
        cluster.close();
        autoScaling.close();
    }

    @Test
    void evictionsStopWhenTheLeaseLapsesAndGoOnWhenItIsRenewed() {
        FaultProxy.Rule slow = proxy.on(FaultProxy.Request::isEviction).answerAfter(LATE);
        autoScaling.addHook(Hook.of("workers", "drain"));
        autoScaling.terminate("workers", doomed.instance(), queue);
        awaitEvictions(1);
        daemon.awaitThat("did not renew its Lease", LIMIT, () -> !renewals().isEmpty());

        FaultProxy.Rule failing = proxy.on(this::renewsItsLease).answer(500, "{}");
        await("all renewals before to be answered").atMost(LIMIT).until(() -> failing.met() > 0);
        Instant lapsedAt = lastRenewal().plus(MAY_ACT_FOR);
        await("two evictions' time after the Lease has lapsed")
                .atMost(LIMIT)
                .until(() -> Instant.now().isAfter(lapsedAt.plus(TWO_EVICTIONS)));

        assertThat(lastRenewal()).isBefore(lapsedAt);
        assertThat(evictions())
                .hasSizeLessThan(PODS)
                .allSatisfy(eviction -> assertThat(eviction.at()).isBefore(lapsedAt.plus(ON_ITS_WAY)));
        failing.end();
        slow.end();
        awaitEvictions(PODS);
        assertThat(evictions()).extracting(Request::name).doesNotHaveDuplicates();
    }

    @Test
    void noneIsSentAfterSigterm() {
        proxy.on(FaultProxy.Request::isEviction).answerAfter(LATE);
        autoScaling.addHook(Hook.of("workers", "drain"));
        autoScaling.terminate("workers", doomed.instance(), queue);
        awaitEvictions(2);

        Instant asked = Instant.now();
        assertThat(daemon.terminate()).isEqualTo(143);

        assertThat(Duration.between(asked, Instant.now())).isLessThan(LATE.multipliedBy(PODS - 2));
        Instant stopping = daemon.await1(LogEvent.GLIDEPATH_STOPPING).at();
        assertThat(evictions())
                .hasSizeLessThan(PODS)
                .allSatisfy(eviction -> assertThat(eviction.at()).isBefore(stopping.plus(ON_ITS_WAY)));
    }

    @Test
    void noneIsSentAfterItsCauseWasWithdrawn() {
        proxy.on(FaultProxy.Request::isEviction).answerAfter(LATE);
        String event = "arn:aws:health:eu-west-1::event/EC2/CODE/" + cluster.namespace();
        Instant startsAt = Instant.now().plus(ofMinutes(40));
        queue.send(
                Announcement.scheduledChange(event, "first", "upcoming", startsAt, Instant.now(), doomed.instance()));
        awaitEvictions(1);

        queue.send(Announcement.scheduledChange(event, "last", "closed", startsAt, Instant.now(), doomed.instance()));

        daemon.await1(LogEvent.NODE_RESTORED);
        Instant restored = writesToTheNode().getLast().at();
        await("two evictions' time after that")
                .atMost(LIMIT)
                .until(() -> Instant.now().isAfter(restored.plus(TWO_EVICTIONS)));
        assertThat(evictions())
                .hasSizeLessThan(PODS)
                .allSatisfy(eviction -> assertThat(eviction.at()).isBefore(restored));
        assertThat(cluster.isCordoned(doomed)).isFalse();
        await("the queue to be empty").atMost(LIMIT).until(queue::isEmpty);
    }

    private void awaitEvictions(int atLeast) {
        daemon.awaitThat(
                "sent no " + atLeast + " evictions", LIMIT, () -> evictions().size() >= atLeast);
    }

    private List<Request> evictions() {
        return requests("create", "pods/eviction").stream()
                .filter(request -> request.namespace().equals(cluster.namespace()))
                .toList();
    }

    private List<Request> writesToTheNode() {
        return requests("patch", "nodes").stream()
                .filter(request -> request.name().equals(doomed.name()))
                .toList();
    }

    private Instant lastRenewal() {
        return renewals().getLast().at();
    }

    private List<Request> renewals() {
        return requests("update", "leases").stream()
                .filter(request -> request.name().equals(daemon.podName()))
                .filter(request -> request.code() == 200)
                .toList();
    }

    private List<Request> requests(String verb, String resource) {
        return plane.audit().since(mark).stream()
                .filter(by(USER))
                .filter(to(verb, resource))
                .toList();
    }

    private boolean renewsItsLease(FaultProxy.Request request) {
        return request.method().equals("PUT") && request.path().endsWith("/leases/" + daemon.podName());
    }
}
