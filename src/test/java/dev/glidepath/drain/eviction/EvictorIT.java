package dev.glidepath.drain.eviction;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.drain.eviction.EvictionOutcome.BlockedByBudget;
import dev.glidepath.drain.eviction.EvictionOutcome.BudgetBroken;
import dev.glidepath.drain.eviction.EvictionOutcome.BudgetStale;
import dev.glidepath.drain.eviction.EvictionOutcome.Evicted;
import dev.glidepath.drain.eviction.EvictionOutcome.Failed;
import dev.glidepath.drain.eviction.EvictionOutcome.Forbidden;
import dev.glidepath.drain.eviction.EvictionOutcome.Gone;
import dev.glidepath.drain.eviction.EvictionOutcome.NamespaceTerminating;
import dev.glidepath.drain.eviction.EvictionOutcome.OtherPod;
import dev.glidepath.drain.eviction.EvictionOutcome.Overloaded;
import dev.glidepath.drain.eviction.EvictionOutcome.RefusedByPolicy;
import dev.glidepath.drain.eviction.EvictionOutcome.SeveralBudgets;
import dev.glidepath.drain.eviction.EvictionOutcome.TimedOut;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.lab.AdmissionWebhook;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.FaultProxy;
import dev.glidepath.lab.FaultProxy.Request;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.Workload;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class EvictorIT {
    private final ControlPlane plane = ControlPlane.shared();
    private final KubernetesClient client = Clients.ofDaemon(plane);
    private final Evictor evictor = new Evictor(new ApiServer(client.getConfiguration()));
    private TestCluster cluster;

    @BeforeEach
    void oneNode() {
        cluster = TestCluster.create(plane);
        cluster.node("a");
    }

    @AfterEach
    void end() {
        cluster.close();
        client.close();
    }

    @Test
    void evictsThePodInOneRequest() throws InterruptedException {
        Workload one = cluster.pod("one").create();
        AuditLog.Mark mark = plane.audit().mark();

        assertThat(evictor.evict(only(one), Optional.empty(), Optional.empty())).isEqualTo(new Evicted());

        assertThat(plane.audit().since(mark).stream().filter(by(AuditLog.serviceAccount("glidepath", "glidepath"))))
                .singleElement()
                .matches(to("create", "pods/eviction"));
        await().atMost(ofSeconds(30)).until(() -> one.pods().isEmpty());
    }

    @Test
    void askingTwiceChangesNothing() throws InterruptedException {
        Workload one = cluster.pod("one").exitAfter(ofSeconds(20)).create();
        PodRef pod = only(one);

        assertThat(evictor.evict(pod, Optional.empty(), Optional.empty())).isEqualTo(new Evicted());
        assertThat(evictor.evict(pod, Optional.empty(), Optional.empty())).isEqualTo(new Evicted());
    }

    @Test
    void budgetWithoutRoomBlocksAndIsNamed() throws InterruptedException {
        Workload web = cluster.deployment("web").replicas(2).create();
        cluster.budget("web-budget", web).minAvailable(2);
        AuditLog.Mark mark = plane.audit().mark();

        assertThat(evictor.evict(only(web), Optional.empty(), Optional.empty()))
                .isEqualTo(new BlockedByBudget(
                        "web-budget", "The disruption budget web-budget needs 2 healthy pods and has 2 currently"));

        assertThat(plane.audit().since(mark).stream().filter(to("create", "pods/eviction")))
                .as("one request, tried again by nobody")
                .hasSize(1);
        assertThat(web.pods()).noneMatch(pod -> pod.getMetadata().getDeletionTimestamp() != null);
    }

    @Test
    void secondBudgetOnThePodIsTold() throws InterruptedException {
        Workload web = cluster.deployment("web").replicas(2).create();
        cluster.budget("one", web).minAvailable(1);
        cluster.budget("two", web).minAvailable(1);

        assertThat(evictor.evict(only(web), Optional.empty(), Optional.empty()))
                .isEqualTo(
                        new SeveralBudgets(
                                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."));
    }

    @Test
    void successorOfTheSameNameIsSpared() throws InterruptedException {
        Workload one = cluster.pod("one").create();

        assertThat(evictor.evict(
                        new PodRef(cluster.namespace(), "one", "00000000-0000-0000-0000-000000000000"),
                        Optional.empty(),
                        Optional.empty()))
                .isEqualTo(new OtherPod());

        assertThat(one.pods()).singleElement().matches(pod -> pod.getMetadata().getDeletionTimestamp() == null);
    }

    @Test
    void aPodThatIsAskedAgainIsAskedOnlyAsItWasSeen() throws InterruptedException {
        Workload one = cluster.pod("one").create();

        assertThat(evictor.evict(only(one), Optional.empty(), Optional.of("1"))).isInstanceOf(Failed.class);
        assertThat(one.pods()).singleElement().matches(pod -> pod.getMetadata().getDeletionTimestamp() == null);

        String version = one.pods().getFirst().getMetadata().getResourceVersion();
        assertThat(evictor.evict(only(one), Optional.empty(), Optional.of(version)))
                .isEqualTo(new Evicted());
    }

    @Test
    void podThatIsNotThereIsGone() throws InterruptedException {
        assertThat(evictor.evict(
                        new PodRef(cluster.namespace(), "none", "00000000-0000-0000-0000-000000000000"),
                        Optional.empty(),
                        Optional.empty()))
                .isEqualTo(new Gone());
    }

    @Test
    void lackOfRightsNamesTheRule() throws InterruptedException {
        Workload one = cluster.pod("one").create();
        try (KubernetesClient nobody = Clients.of(plane, cluster.namespace(), "default")) {
            assertThat(new Evictor(new ApiServer(nobody.getConfiguration()))
                            .evict(only(one), Optional.empty(), Optional.empty()))
                    .isEqualTo(new Forbidden("may not evict: the ClusterRole needs pods/eviction: create"));
        }
        assertThat(one.pods()).hasSize(1);
    }

    @Test
    void shorterGraceIsHonoured() throws InterruptedException {
        Workload one =
                cluster.pod("one").grace(ofMinutes(5)).exitAfter(ofMinutes(5)).create();

        assertThat(evictor.evict(only(one), Optional.of(ofSeconds(7)), Optional.empty()))
                .isEqualTo(new Evicted());

        assertThat(one.pods())
                .singleElement()
                .extracting(pod -> pod.getMetadata().getDeletionGracePeriodSeconds())
                .isEqualTo(7L);
    }

    @Test
    void namespaceOnItsWayOutTakesThePodAlong() throws InterruptedException {
        PodRef pod = only(cluster.pod("one").exitAfter(ofSeconds(20)).create());
        cluster.client().namespaces().withName(cluster.namespace()).delete();

        assertThat(evictor.evict(pod, Optional.empty(), Optional.empty())).isEqualTo(new NamespaceTerminating());
    }

    @Test
    void admissionPolicyIsARefusalOfThePod() throws InterruptedException {
        Workload one = cluster.pod("one").create();
        cluster.refuseEvictions("not today");

        assertThat(evictor.evict(only(one), Optional.empty(), Optional.empty()))
                .isInstanceOfSatisfying(
                        RefusedByPolicy.class,
                        refused -> assertThat(refused.why()).endsWith("denied request: not today"));

        assertThat(one.pods()).singleElement().matches(pod -> pod.getMetadata().getDeletionTimestamp() == null);
    }

    @Test
    void budgetWhoseStatusLagsIsToldFromOneWithoutRoom() throws InterruptedException {
        Workload web = cluster.deployment("web").replicas(2).create();
        cluster.budget("web-budget", web).minAvailable(2);
        try (var _ = plane.pauseControllers()) {
            budget().edit(budget -> new PodDisruptionBudgetBuilder(budget)
                    .editSpec()
                    .withMinAvailable(new IntOrString(1))
                    .endSpec()
                    .build());

            assertThat(evictor.evict(only(web), Optional.empty(), Optional.empty()))
                    .isEqualTo(new BudgetStale(
                            "web-budget", "The disruption budget web-budget is still being processed by the server."));
        }
    }

    @Test
    void budgetWithMoreEvictionsThanItsStatusHoldsIsBroken() throws InterruptedException {
        Workload web = cluster.deployment("web").replicas(2).create();
        cluster.budget("web-budget", web).minAvailable(1);
        Map<String, String> evictions = IntStream.rangeClosed(0, 2_000)
                .boxed()
                .collect(Collectors.toMap(i -> "pod-" + i, _ -> "2026-01-01T00:00:00Z"));
        try (var _ = plane.pauseControllers()) {
            budget().editStatus(budget -> new PodDisruptionBudgetBuilder(budget)
                    .editStatus()
                    .withDisruptedPods(evictions)
                    .endStatus()
                    .build());

            assertThat(evictor.evict(only(web), Optional.empty(), Optional.empty()))
                    .isInstanceOfSatisfying(
                            BudgetBroken.class,
                            broken -> assertThat(broken.why()).contains("DisruptedPods map too big"));
        }
    }

    /** The server's source promises a 504 for it; what comes is a conflict over the budget, which is none over the pod. */
    @Test
    void budgetThatOthersKeepWritingToIsATimeOut() throws InterruptedException {
        Workload web = cluster.deployment("web").replicas(2).create();
        cluster.budget("web-budget", web).minAvailable(1);
        AtomicInteger written = new AtomicInteger();
        try (var _ = plane.pauseControllers();
                var _ = AdmissionWebhook.onUpdatesOf(
                        "policy/poddisruptionbudgets/status",
                        cluster.namespace(),
                        plane,
                        () -> annotateBudget(written.incrementAndGet()))) {
            await().atMost(ofMinutes(1)).until(() -> isWrittenToWhenItsStatusIs(written));

            assertThat(evictor.evict(only(web), Optional.empty(), Optional.empty()))
                    .isInstanceOfSatisfying(
                            TimedOut.class,
                            timedOut -> assertThat(timedOut.why())
                                    .startsWith(
                                            "the API server answered 409: Operation cannot be fulfilled on poddisruptionbudgets"));
        }
    }

    @Nested
    class ThroughFaults {
        private final FaultProxy proxy = FaultProxy.before(plane);
        private final KubernetesClient throughProxy = proxy.clientOfDaemon();
        private final Evictor evictor = new Evictor(new ApiServer(throughProxy.getConfiguration()));

        @AfterEach
        void end() {
            throughProxy.close();
            proxy.close();
        }

        @Test
        void overloadIsToldOnceAndTriedAgainByNobody() throws InterruptedException {
            Workload one = cluster.pod("one").create();
            FaultProxy.Rule busy = proxy.on(Request::isEviction)
                    .answer(429, Map.of("Retry-After", "1"), "Too many requests, please try again later.\n");

            assertThat(evictor.evict(only(one), Optional.empty(), Optional.empty()))
                    .isInstanceOf(Overloaded.class);

            assertThat(busy.met()).isEqualTo(1);
        }

        @Test
        void webhookThatAnswersAsStrimzisIsARefusalOfThePod() throws InterruptedException {
            Workload one = cluster.pod("one").create();
            proxy.on(Request::isEviction).answer(500, """
                            {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": 500,
                            "message": "admission webhook \\"drain.strimzi.io\\" denied the request: it will be drained"}""");

            assertThat(evictor.evict(only(one), Optional.empty(), Optional.empty()))
                    .isEqualTo(new RefusedByPolicy(
                            500, "admission webhook \"drain.strimzi.io\" denied the request: it will be drained"));
        }

        @Test
        void evictionThatTimedOutMayHappenAllTheSame() throws InterruptedException {
            Workload one = cluster.pod("one").create();
            proxy.on(Request::isEviction).passAfter(ofSeconds(1));
            var hasty = new ConfigBuilder(throughProxy.getConfiguration())
                    .withRequestTimeout(500)
                    .build();
            try (KubernetesClient impatient =
                    new KubernetesClientBuilder().withConfig(hasty).build()) {
                assertThat(new Evictor(new ApiServer(impatient.getConfiguration()))
                                .evict(only(one), Optional.empty(), Optional.empty()))
                        .isEqualTo(new TimedOut("the API server did not answer within 0.5 s"));
            }
            await().atMost(ofSeconds(30)).until(() -> one.pods().isEmpty());
        }

        @Test
        void lostAnswerIsAFailureAndAskingAgainIsSafe() throws InterruptedException {
            Workload one = cluster.pod("one").exitAfter(ofSeconds(20)).create();
            proxy.on(Request::isEviction).times(1).dropAnswer();

            assertThat(evictor.evict(only(one), Optional.empty(), Optional.empty()))
                    .isInstanceOf(Failed.class);
            assertThat(one.pods())
                    .singleElement()
                    .matches(pod -> pod.getMetadata().getDeletionTimestamp() != null);

            assertThat(evictor.evict(only(one), Optional.empty(), Optional.empty()))
                    .isEqualTo(new Evicted());
        }
    }

    private void annotateBudget(int number) {
        budget().patch(PatchContext.of(PatchType.JSON_MERGE), """
                {"metadata": {"annotations": {"lab/written": "%d"}}}""".formatted(number));
    }

    /** Whether the API server knows of the webhook by now. */
    private boolean isWrittenToWhenItsStatusIs(AtomicInteger written) {
        budget().subresource("status").patch(PatchContext.of(PatchType.JSON_MERGE), """
                {"status": {"observedGeneration": 1}}""");
        return written.get() > 0;
    }

    private Resource<PodDisruptionBudget> budget() {
        return cluster.client()
                .policy()
                .v1()
                .podDisruptionBudget()
                .inNamespace(cluster.namespace())
                .withName("web-budget");
    }

    /** One pod of the workload. */
    private static PodRef only(Workload workload) {
        return refTo(workload.pods().getFirst());
    }

    private static PodRef refTo(Pod pod) {
        var metadata = pod.getMetadata();
        return new PodRef(metadata.getNamespace(), metadata.getName(), metadata.getUid());
    }
}
