package dev.glidepath;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AuditLog.Request;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.DaemonProcess.Line;
import dev.glidepath.lab.FaultProxy;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.LabVolume;
import dev.glidepath.lab.RunsAlone;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.lab.Workload;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The drain, end to end: the program as a process of its own, real budgets and a real disruption controller. */
@RunsTheProgram
class DrainIT {
    private static final Duration LIMIT = ofMinutes(4);
    private static final String USER = AuditLog.serviceAccount("glidepath", "glidepath");
    private static final String DISRUPTION_CONTROLLER = AuditLog.serviceAccount("kube-system", "disruption-controller");

    private final ControlPlane plane = ControlPlane.shared();
    private final TestQueue queue = TestQueue.create();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private TestCluster cluster;
    private LabNode doomed;

    @BeforeEach
    void twoNodes() {
        cluster = TestCluster.create(plane);
        doomed = cluster.node("doomed");
        cluster.node("spare");
    }

    @AfterEach
    void end() {
        cluster.close();
        autoScaling.close();
    }

    @Test
    @RunsAlone
    void tenPodsUnderABudgetOfOneGoOneByOneAndNoTimeIsLostBetweenThem() {
        List<Double> shares = new ArrayList<>();
        try (DaemonProcess daemon = startDaemon()) {
            for (int run = 1; run <= 3; run++) {
                shares.add(shareOfTimeLostDraining(daemon, run));
            }
        }
        System.out.printf("waits between room and the next eviction, as a share of each drain: %s%n", shares);
        assertThat(shares.stream().sorted().toList().get(1))
                .as("median of the shares %s", shares)
                .isLessThanOrEqualTo(0.10);
    }

    private double shareOfTimeLostDraining(DaemonProcess daemon, int run) {
        LabNode node = cluster.node("doomed-" + run);
        Workload web = cluster.deployment("web-" + run)
                .replicas(10)
                .readyAfter(ofSeconds(3))
                .exitAfter(ofSeconds(1))
                .createOn(node);
        cluster.budget("web-" + run, web).maxUnavailable(1);
        AuditLog.Mark mark = plane.audit().mark();
        try (var unavailability = web.watchUnavailability()) {
            queue.send(Announcement.spotInterruption(node.instance(), Instant.now()));
            await().atMost(LIMIT.multipliedBy(2))
                    .until(() -> told(daemon, LogEvent.DEPARTURE_SETTLED, Field.NODE, node.name())
                                    .size()
                            == 1);

            assertThat(unavailability.mostAtOnce()).as("unavailable at once").isEqualTo(1);
        }
        assertThat(web.podsOn(node)).isEmpty();
        assertThat(told(daemon, LogEvent.POD_DELETED, Field.NODE, node.name()))
                .as("deleted past the budget")
                .isEmpty();
        List<Request> calls = plane.audit().since(mark);
        List<Request> evictions = calls.stream().filter(DrainIT::isOurEviction).toList();
        assertThat(evictions).as("evictions of 10 pods").hasSizeLessThanOrEqualTo(2 * 10);
        Duration lost = lostBetweenRoomAndEviction(calls, "web-" + run);
        Duration drain =
                Duration.between(evictions.getFirst().at(), evictions.getLast().at());
        return (double) lost.toMillis() / drain.toMillis();
    }

    /** From the controller's write that gave the budget room to our next call, each time. */
    private static Duration lostBetweenRoomAndEviction(List<Request> calls, String budget) {
        Duration lost = Duration.ZERO;
        Instant gained = Instant.MAX;
        List<Request> inOrder =
                calls.stream().sorted(Comparator.comparing(Request::at)).toList();
        for (Request call : inOrder) {
            boolean statusWrite = call.user().equals(DISRUPTION_CONTROLLER)
                    && to("update", "poddisruptionbudgets/status").test(call)
                    && call.name().equals(budget);
            boolean hasRoom =
                    call.body().path("status").path("disruptionsAllowed").asInt() > 0;
            if (statusWrite) {
                gained = !hasRoom ? Instant.MAX : gained.isBefore(call.at()) ? gained : call.at();
            } else if (isOurEviction(call) && !gained.equals(Instant.MAX)) {
                lost = lost.plus(Duration.between(gained, call.at()));
                gained = Instant.MAX;
            }
        }
        return lost;
    }

    @Test
    void aBlockedPodIsDeletedAtItsLastCallWithItsWholeGracePeriod() {
        Workload stuck = cluster.deployment("stuck")
                .replicas(2)
                .grace(ofSeconds(30))
                .exitAfter(ofSeconds(3))
                .createOn(doomed);
        cluster.budget("stuck", stuck).maxUnavailable(0);
        AuditLog.Mark mark = plane.audit().mark();
        try (DaemonProcess daemon = startDaemon()) {
            Instant noticedAt = Instant.now().minus(ofSeconds(40)).truncatedTo(ChronoUnit.SECONDS);

            queue.send(Announcement.spotInterruption(doomed.instance(), noticedAt));

            Line blocked = daemon.await1(LogEvent.EVICTION_BLOCKED);
            assertThat(blocked.get(Field.BUDGET)).isEqualTo(cluster.namespace() + "/stuck");
            assertThat(blocked.get(Field.REASON)).isEqualTo("it needs 2 healthy pods of 2 and has 2");
            Line deleted = daemon.await1(LogEvent.POD_DELETED);
            assertThat(Duration.between(noticedAt, deleted.at()).toMillis())
                    .as("last call: 120 s - 30 s - 5 s after the notice")
                    .isBetween(84_000L, 100_000L);
            Line settled = daemon.await1(LogEvent.DEPARTURE_SETTLED);
            assertThat(settled.get(Field.OUTCOME)).isEqualTo("drained");
            assertThat(settled.get(Field.FORCED)).isEqualTo("2");
            Instant endsBy = noticedAt.plus(ofSeconds(120 - 5));
            Instant lastDeleted = daemon.told(LogEvent.POD_DELETED).stream()
                    .map(Line::at)
                    .max(Instant::compareTo)
                    .orElseThrow();
            assertThat(daemon.told(LogEvent.POD_REPORTED)).hasSize(2).allSatisfy(line -> {
                assertThat(line.get(Field.FATE)).isEqualTo("forced");
                assertThat(Duration.parse(line.get(Field.GRACE_GIVEN)))
                        .as("its whole grace, but for what this machine was late")
                        .isBetween(Duration.between(lastDeleted, endsBy), ofSeconds(30));
                assertThat(line.get(Field.BUDGET)).isEqualTo(cluster.namespace() + "/stuck");
            });
            List<Request> evictions = ourEvictions(mark);
            assertThat(evictions).isNotEmpty().allMatch(call -> call.code() == 429);
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(daemon.get("/metrics"))
                            .contains("glidepath_evictions_held_back_total{reason=\"no-room\"} 2.0")
                            .contains("glidepath_pods_reported_total{fate=\"forced\"} 2.0"));
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(eventsOf("Pod", "EvictionBlocked"))
                            .hasSize(2)
                            .allSatisfy(event ->
                                    assertThat(event.getMessage()).contains("stuck", "it needs 2 healthy pods")));
        }
    }

    @Test
    void whereItIsToStayItStaysAndTheHookIsLeftToExpire() {
        Workload stuck = cluster.deployment("stuck").grace(ofSeconds(10)).createOn(doomed);
        cluster.budget("stuck", stuck).maxUnavailable(0);
        autoScaling.addHook(Hook.of("workers", "drain").withTimeouts(ofSeconds(30), ofSeconds(45)));
        AuditLog.Mark mark = plane.audit().mark();
        try (DaemonProcess daemon = startDaemon(
                Map.of("GLIDEPATH_LIFECYCLE_AT_LAST_CALL", "stay", "GLIDEPATH_LIFECYCLE_AT_DEADLINE", "expire"))) {
            LifecycleAction action =
                    autoScaling.terminate("workers", doomed.instance(), queue).getFirst();

            Line settled = daemon.await1(LogEvent.DEPARTURE_SETTLED);

            assertThat(settled.get(Field.OUTCOME)).isEqualTo("deadline-passed");
            assertThat(settled.get(Field.LEFT)).isEqualTo("1");
            assertThat(daemon.await1(LogEvent.POD_REPORTED).get(Field.FATE)).isEqualTo("left");
            daemon.await1(LogEvent.LIFECYCLE_LEFT);
            assertThat(stuck.podsOn(doomed)).singleElement().matches(pod -> !isTerminating(pod));
            assertThat(ourCalls(mark).stream().filter(to("delete", "pods"))).isEmpty();
            assertThat(autoScaling.completionsOf(action)).isEmpty();
            await().atMost(LIMIT)
                    .until(() -> !(autoScaling.stateOf(action) instanceof AutoScalingStandIn.ActionState.Waiting));
            assertThat(autoScaling.completionsOf(action)).isEmpty();
            await().atMost(LIMIT).until(queue::isEmpty);
        }
    }

    @Test
    void withRoomForOneAtATimeTheOrderOfTheCallsIsThePlans() {
        Workload batch = cluster.deployment("batch").replicas(2).priority(-5).createOn(doomed);
        Workload web = cluster.deployment("web").replicas(3).priority(100).createOn(doomed);
        Workload checkout =
                cluster.deployment("checkout").replicas(2).priority(1_000).createOn(doomed);
        Workload dns = cluster.deployment("dns")
                .replicas(2)
                .priorityClass("system-cluster-critical")
                .createOn(doomed);
        Workload storage = cluster.deployment("storage")
                .priorityClass("system-node-critical")
                .createOn(doomed);
        List<String> plan = new ArrayList<>();
        for (Workload each : List.of(checkout, web, batch, dns, storage)) {
            plan.addAll(each.podsOn(doomed).stream()
                    .map(pod -> pod.getMetadata().getName())
                    .sorted()
                    .toList());
        }
        AuditLog.Mark mark = plane.audit().mark();
        try (DaemonProcess daemon = startDaemon(Map.of("GLIDEPATH_DRAIN_EVICTIONS_IN_FLIGHT", "1"))) {

            queue.send(Announcement.spotInterruption(doomed.instance(), Instant.now()));
            daemon.await1(LogEvent.DEPARTURE_SETTLED);

            assertThat(ourEvictions(mark)).extracting(Request::name).isEqualTo(plan);
        }
    }

    @Test
    void aStuckFirstWaveDoesNotDelayTheLastCallOfACriticalPod() {
        Workload stuck = cluster.deployment("stuck")
                .grace(ofSeconds(5))
                .exitAfter(ofSeconds(1))
                .createOn(doomed);
        cluster.budget("stuck", stuck).maxUnavailable(0);
        Workload storage = cluster.deployment("storage")
                .priorityClass("system-node-critical")
                .grace(ofSeconds(30))
                .exitAfter(ofSeconds(20))
                .createOn(doomed);
        AuditLog.Mark mark = plane.audit().mark();
        try (DaemonProcess daemon = startDaemon()) {
            Instant noticedAt = Instant.now().minus(ofSeconds(50)).truncatedTo(ChronoUnit.SECONDS);

            queue.send(Announcement.spotInterruption(doomed.instance(), noticedAt));
            daemon.await1(LogEvent.DEPARTURE_SETTLED);

            String critical = "storage";
            Request call = ourEvictions(mark).stream()
                    .filter(each -> each.name().startsWith(critical))
                    .findFirst()
                    .orElseThrow();
            assertThat(Duration.between(noticedAt, call.at()).toMillis())
                    .as("last call of the critical pod: 120 s - 30 s - 5 s after the notice")
                    .isBetween(84_000L, 95_000L);
            assertThat(Duration.between(
                                    noticedAt,
                                    daemon.await1(LogEvent.POD_DELETED).at())
                            .toMillis())
                    .as("the stuck pod's own last call: 120 s - 5 s - 5 s after the notice")
                    .isGreaterThanOrEqualTo(109_000L);
            assertThat(storage.podsOn(doomed)).isEmpty();
        }
    }

    @Test
    void theReportShowsWhatGraceEachPodWasGiven() {
        cluster.deployment("at-once").grace(Duration.ZERO).createOn(doomed);
        cluster.deployment("usual").grace(ofSeconds(30)).createOn(doomed);
        cluster.deployment("patient").grace(Duration.ofMinutes(10)).createOn(doomed);
        try (DaemonProcess daemon = startDaemon()) {
            Instant noticedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            Instant endsBy = noticedAt.plus(ofSeconds(120 - 5));

            queue.send(Announcement.spotInterruption(doomed.instance(), noticedAt));
            Line settled = daemon.await1(LogEvent.DEPARTURE_SETTLED);

            Instant received = daemon.await1(LogEvent.INTERRUPTION_RECEIVED).at();
            Instant lastEvicted = daemon.told(LogEvent.POD_EVICTED).stream()
                    .map(Line::at)
                    .max(Instant::compareTo)
                    .orElseThrow();
            assertThat(settled.get(Field.EVICTED)).isEqualTo("3");
            assertThat(settled.get(Field.SHORTENED)).isEqualTo("1");
            Line patient = reportOf(daemon, "patient");
            assertThat(patient.get(Field.GRACE_WANTED)).isEqualTo("PT10M");
            assertThat(Duration.parse(patient.get(Field.GRACE_GIVEN)))
                    .as("what was left when it was asked, in whole seconds")
                    .isBetween(
                            Duration.between(lastEvicted, endsBy),
                            Duration.between(received, endsBy).plusSeconds(1));
            assertThat(Duration.parse(reportOf(daemon, "usual").get(Field.GRACE_GIVEN)))
                    .isEqualTo(ofSeconds(30));
            assertThat(Duration.parse(reportOf(daemon, "at-once").get(Field.GRACE_WANTED)))
                    .isZero();
        }
    }

    @Test
    void aPodBoundAfterTheCordonIsDrainedToo() {
        Workload web =
                cluster.deployment("web").replicas(2).exitAfter(ofSeconds(25)).createOn(doomed);
        try (DaemonProcess daemon = startDaemon()) {
            queue.send(Announcement.spotInterruption(doomed.instance(), Instant.now()));
            daemon.await1(LogEvent.NODE_CORDONED);
            Workload late = cluster.pod("late").on(doomed).create();

            Line settled = daemon.await1(LogEvent.DEPARTURE_SETTLED);

            assertThat(settled.get(Field.OUTCOME)).isEqualTo("drained");
            assertThat(late.pods()).isEmpty();
            assertThat(web.podsOn(doomed)).isEmpty();
        }
    }

    @Test
    void theSuccessorOfAStatefulSetsPodIsLeftAlone() {
        Workload db = cluster.statefulSet("db").createOn(doomed);
        AuditLog.Mark mark = plane.audit().mark();
        try (DaemonProcess daemon = startDaemon()) {

            queue.send(Announcement.spotInterruption(doomed.instance(), Instant.now()));
            daemon.await1(LogEvent.DEPARTURE_SETTLED);

            db.awaitReady();
            assertThat(db.pods()).singleElement().matches(pod -> !isTerminating(pod));
            assertThat(ourEvictions(mark))
                    .as("evictions of a pod named db-0")
                    .singleElement()
                    .matches(call -> call.code() == 201);
        }
    }

    @Test
    void aPodKeptByAFinalizerDoesNotHoldTheHookAndIsReported() {
        Workload kept = cluster.pod("kept").finalizer("lab/keep").on(doomed).create();
        autoScaling.addHook(Hook.of("workers", "drain"));
        try (DaemonProcess daemon = startDaemon()) {
            LifecycleAction action =
                    autoScaling.terminate("workers", doomed.instance(), queue).getFirst();

            daemon.await1(LogEvent.DEPARTURE_SETTLED);

            assertThat(autoScaling.stateOf(action)).isInstanceOf(AutoScalingStandIn.ActionState.Completed.class);
            assertThat(kept.pods()).hasSize(1);
            assertThat(daemon.await1(LogEvent.POD_REPORTED).get(Field.REMARK)).isEqualTo("held-by-finalizers");
            assertThat(daemon.told(LogEvent.POD_WITHOUT_OWNER)).hasSize(1);
        }
    }

    @Test
    void theHookWaitsForTheVolumesOfDrainedPods() {
        autoScaling.addHook(Hook.of("workers", "drain"));
        try (LabVolume data = LabVolume.named(cluster, "data")
                        .createVolume()
                        .createClaim()
                        .awaitBound();
                DaemonProcess daemon = startDaemon()) {
            Workload db = cluster.pod("db").claim("data").on(doomed).create();
            data.attachTo(doomed);

            LifecycleAction action =
                    autoScaling.terminate("workers", doomed.instance(), queue).getFirst();
            await().atMost(LIMIT).until(() -> db.pods().isEmpty());
            Instant drained = Instant.now();
            await().atMost(LIMIT).until(() -> Instant.now().isAfter(drained.plus(ofSeconds(8))));
            assertThat(autoScaling.completionsOf(action))
                    .as("completed while a volume is attached")
                    .isEmpty();
            data.detach();

            Line settled = daemon.await1(LogEvent.DEPARTURE_SETTLED);
            assertThat(settled.get(Field.OUTCOME)).isEqualTo("drained");
            assertThat(autoScaling.stateOf(action)).isInstanceOf(AutoScalingStandIn.ActionState.Completed.class);
        }
    }

    @Test
    void sickPodsThatABudgetHoldsBackAreToldWithTheRemedy() {
        Workload sick = cluster.deployment("sick")
                .replicas(2)
                .readyAfter(Duration.ofMinutes(10))
                .on(doomed)
                .submit();
        await().atMost(LIMIT)
                .until(() -> sick.pods().stream()
                                .filter(pod -> pod.getStatus().getPhase().equals("Running"))
                                .count()
                        == 2);
        cluster.budget("sick", sick).minAvailable(1);
        try (DaemonProcess daemon = startDaemon()) {

            queue.send(Announcement.spotInterruption(
                    doomed.instance(), Instant.now().minus(ofSeconds(40))));

            assertThat(daemon.await1(LogEvent.EVICTION_BLOCKED).get(Field.REASON))
                    .isEqualTo("it needs 1 healthy pods of 2 and has 0; blocked by unhealthy pods;"
                            + " set unhealthyPodEvictionPolicy: AlwaysAllow");
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(daemon.get("/metrics"))
                            .contains("glidepath_evictions_held_back_total{reason=\"unhealthy-pods\"}"));
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(eventsOf("Pod", "EvictionBlocked"))
                            .isNotEmpty()
                            .allSatisfy(event -> assertThat(event.getMessage()).contains("AlwaysAllow")));
        }
    }

    @Test
    void anOverloadedApiServerCostsAPauseAndNoPod() {
        Workload web = cluster.deployment("web").replicas(12).createOn(doomed);
        try (FaultProxy proxy = FaultProxy.before(plane)) {
            FaultProxy.Rule busy = proxy.on(FaultProxy.Request::isEviction)
                    .times(20)
                    .answer(429, Map.of("Retry-After", "1"), "Too many requests, please try again later.");
            String kubeconfig = proxy.kubeconfigFor("glidepath", "glidepath").toString();
            try (DaemonProcess daemon = startDaemon(Map.of("KUBECONFIG", kubeconfig))) {

                queue.send(Announcement.spotInterruption(doomed.instance(), Instant.now()));
                Line settled = daemon.await1(LogEvent.DEPARTURE_SETTLED);

                assertThat(busy.met()).isEqualTo(20);
                assertThat(settled.get(Field.EVICTED)).isEqualTo("12");
                assertThat(settled.get(Field.FORCED)).isEqualTo("0");
                assertThat(web.podsOn(doomed)).isEmpty();
                assertThat(daemon.told(LogEvent.EVICTION_BLOCKED))
                        .as("overload is no budget")
                        .isEmpty();
                assertThat(daemon.get("/metrics"))
                        .contains("glidepath_evictions_total{outcome=\"overloaded\"} 20.0")
                        .contains("glidepath_evictions_total{outcome=\"evicted\"} 12.0");
            }
        }
    }

    @Test
    void theNodesStoryIsInItsEvents() {
        cluster.deployment("web").createOn(doomed);
        try (DaemonProcess daemon = startDaemon()) {
            queue.send(Announcement.spotInterruption(doomed.instance(), Instant.now()));
            daemon.await1(LogEvent.DEPARTURE_SETTLED);

            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(nodeEvents())
                            .extracting(Event::getReason)
                            .containsExactlyInAnyOrder("NodeCordoned", "DrainFinished"));
        }
    }

    private List<Event> nodeEvents() {
        return plane.client().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getName().equals(doomed.name()))
                .filter(event -> "glidepath".equals(event.getSource().getComponent()))
                .toList();
    }

    private List<Event> eventsOf(String kind, String reason) {
        return plane.client().v1().events().inNamespace(cluster.namespace()).list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getKind().equals(kind))
                .filter(event -> event.getReason().equals(reason))
                .toList();
    }

    private static Line reportOf(DaemonProcess daemon, String workload) {
        await().atMost(LIMIT)
                .until(() -> daemon.told(LogEvent.POD_REPORTED).stream()
                        .anyMatch(line -> line.get(Field.POD).contains("/" + workload)));
        return daemon.told(LogEvent.POD_REPORTED).stream()
                .filter(line -> line.get(Field.POD).contains("/" + workload))
                .findFirst()
                .orElseThrow();
    }

    private static List<Line> told(DaemonProcess daemon, LogEvent event, Field field, String value) {
        return daemon.told(event).stream()
                .filter(line -> line.get(field).equals(value))
                .toList();
    }

    private List<Request> ourCalls(AuditLog.Mark mark) {
        return plane.audit().since(mark).stream().filter(by(USER)).toList();
    }

    private List<Request> ourEvictions(AuditLog.Mark mark) {
        return plane.audit().since(mark).stream()
                .filter(DrainIT::isOurEviction)
                .sorted(Comparator.comparing(Request::at))
                .toList();
    }

    private static boolean isOurEviction(Request call) {
        return by(USER).and(to("create", "pods/eviction")).test(call);
    }

    private static boolean isTerminating(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    private DaemonProcess startDaemon() {
        return startDaemon(Map.of());
    }

    private DaemonProcess startDaemon(Map<String, String> more) {
        return DaemonProcess.start(plane, queue, autoScaling, more).awaitReady();
    }
}
