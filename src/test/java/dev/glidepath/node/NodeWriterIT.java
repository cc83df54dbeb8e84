package dev.glidepath.node;

import static dev.glidepath.lab.AuditLog.by;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AuditLog.Request;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.ScriptedApiServer;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.Workload;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.WriteOutcome.Conflict;
import dev.glidepath.node.WriteOutcome.Denied;
import dev.glidepath.node.WriteOutcome.Failed;
import dev.glidepath.node.WriteOutcome.NodeGone;
import dev.glidepath.node.WriteOutcome.Written;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeWriterIT {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final String KIND = "spot-interruption";
    private static final Journal JOURNAL = Journal.open(Optional.empty(), NOON)
            .with(new Cause(new InterruptionId("spot-interruption/i/now"), KIND, NOON));

    private final ControlPlane plane = ControlPlane.shared();
    private final KubernetesClient client = Clients.ofDaemon(plane);
    private final NodeWriter writer = new NodeWriter(new ApiServer(client));
    private TestCluster cluster;
    private LabNode doomed;

    @BeforeEach
    void oneNode() {
        cluster = TestCluster.create(plane);
        doomed = cluster.node("doomed");
    }

    @AfterEach
    void end() {
        cluster.close();
        client.close();
    }

    @Test
    void cordonsTaintsAndJournalsInOneRequestAndReadsNothing() throws InterruptedException {
        KubeNode node = seen();
        AuditLog.Mark mark = plane.audit().mark();

        assertThat(writer.depart(node, JOURNAL, KIND)).isEqualTo(new Written());

        assertThat(plane.audit().since(mark).stream()
                        .filter(by(AuditLog.serviceAccount("glidepath", "glidepath")))
                        .map(Request::verb))
                .containsExactly("patch");
        KubeNode after = seen();
        assertThat(after.unschedulable()).isTrue();
        assertThat(after.taints()).contains(Taint.departing(KIND));
        assertThat(after.journal()).contains(JOURNAL.withChanged(Set.of(Change.UNSCHEDULABLE, Change.TAINT)));
    }

    @Test
    void writesTheJournalAloneToANodeThatIsDepartingAlready() throws InterruptedException {
        writer.depart(seen(), JOURNAL, KIND);
        KubeNode before = seen();
        Journal settled = before.journal().orElseThrow().settle(Set.of(new InterruptionId("spot-interruption/i/now")));

        assertThat(writer.journal(before, settled)).isEqualTo(new Written());

        assertThat(seen().journal()).contains(settled);
        assertThat(seen().unschedulable()).isTrue();
    }

    /** A controller gives every node an annotation before long, so this one is taken off again until it is quick enough. */
    @Test
    void makesTheAnnotationsOfANodeThatHasNone() {
        await().atMost(ofSeconds(30)).until(() -> {
            KubeNode bare = KubeNode.of(cluster.client()
                    .nodes()
                    .withName(doomed.name())
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"annotations\": null}}"));
            assertThat(bare.annotated()).isFalse();
            return writer.depart(bare, JOURNAL, KIND) instanceof Written;
        });

        assertThat(seen().journal().map(Journal::causes)).contains(JOURNAL.causes());
    }

    @Test
    void nodeThatGotItsFirstAnnotationInBetweenIsAConflict() throws InterruptedException {
        KubeNode node = seen();
        assertThat(node.annotated()).isTrue();
        KubeNode asItWasBorn = new KubeNode(node.name(), true, Optional.empty(), false, false, false, List.of(), "");

        assertThat(writer.depart(asItWasBorn, JOURNAL, KIND)).isEqualTo(new Conflict());

        assertThat(cluster.live(doomed).getMetadata().getAnnotations()).isNotEmpty();
    }

    @Test
    void keepsTheTaintsOfOthers() throws InterruptedException {
        Taint theirs = new Taint("dedicated", "gpu", "NoSchedule");
        taint(theirs);

        assertThat(writer.depart(seen(), JOURNAL, KIND)).isEqualTo(new Written());

        assertThat(seen().taints()).contains(theirs, Taint.departing(KIND));
    }

    @Test
    void firstTaintOfAnotherInBetweenIsAConflictAndStays() throws InterruptedException {
        KubeNode before = seen();
        Taint theirs = new Taint("dedicated", "gpu", "NoSchedule");
        taint(theirs);

        assertThat(writer.depart(before, JOURNAL, KIND)).isEqualTo(new Conflict());

        assertThat(seen().taints()).containsExactly(theirs);
        assertThat(seen().unschedulable()).isFalse();
    }

    @Test
    void journalOfAnotherInBetweenIsAConflictAndStays() throws InterruptedException {
        KubeNode before = seen();
        Journal theirs = Journal.open(Optional.empty(), NOON.minusSeconds(5));
        writer.journal(before, theirs);

        assertThat(writer.depart(before, JOURNAL, KIND)).isEqualTo(new Conflict());

        assertThat(seen().journal()).contains(theirs);
        assertThat(seen().unschedulable()).isFalse();
        assertThat(seen().taints()).isEmpty();
    }

    @Test
    void brokenJournalIsReplaced() throws InterruptedException {
        cluster.client()
                .nodes()
                .withName(doomed.name())
                .edit(node -> new NodeBuilder(node)
                        .editMetadata()
                        .addToAnnotations(Journal.ANNOTATION, "not \"ours\" any more")
                        .endMetadata()
                        .build());

        assertThat(seen().journal()).isEmpty();
        assertThat(writer.depart(seen(), JOURNAL, KIND)).isEqualTo(new Written());

        assertThat(seen().journal()).isNotEmpty();
    }

    @Test
    void lackOfRightsNamesTheRule() throws InterruptedException {
        try (KubernetesClient nobody = Clients.of(plane, cluster.namespace(), "default")) {
            assertThat(new NodeWriter(new ApiServer(nobody)).depart(seen(), JOURNAL, KIND))
                    .isEqualTo(new Denied("may not patch nodes: the ClusterRole needs nodes: patch"));
        }
        assertThat(seen().unschedulable()).isFalse();
    }

    @Test
    void deletedNodeIsGone() throws InterruptedException {
        KubeNode before = seen();
        cluster.client().nodes().withName(doomed.name()).delete();

        assertThat(writer.depart(before, JOURNAL, KIND)).isEqualTo(new NodeGone());
    }

    @Test
    void silenceOfTheApiServerIsAFailureAndNoException() throws InterruptedException {
        try (ScriptedApiServer silent = new ScriptedApiServer().onWrite(ScriptedApiServer.noAnswer());
                KubernetesClient toIt = silent.client()) {
            assertThat(new NodeWriter(new ApiServer(toIt)).depart(seen(), JOURNAL, KIND))
                    .isInstanceOf(Failed.class);
        }
    }

    /**
     * The taint has all pods deleted but those that tolerate it, and on a node that is not Ready the pod garbage collector, every
     * 20 s, ends the grace of those that are terminating; these whether they tolerate it or not.
     */
    @Test
    void outOfServiceFreesThePodsOfANodeWhoseKubeletIsDead() throws InterruptedException {
        Workload running = cluster.pod("running").hangs().on(doomed).create();
        Workload terminating = cluster.pod("terminating")
                .hangs()
                .template(this::tolerant)
                .on(doomed)
                .create();
        Workload tolerant = cluster.pod("tolerant")
                .hangs()
                .template(this::tolerant)
                .on(doomed)
                .create();
        cluster.notReady(doomed);
        cluster.client()
                .resource(terminating.pods().getFirst())
                .withGracePeriod(300)
                .delete();

        assertThat(writer.outOfService(seen(), JOURNAL)).isEqualTo(new Written());

        assertThat(seen().taints()).contains(Taint.OUT_OF_SERVICE);
        assertThat(seen().journal()).contains(JOURNAL.withChanged(Set.of(Change.OUT_OF_SERVICE)));
        await().atMost(ofSeconds(90)).until(() -> terminating.pods().isEmpty());
        await().atMost(ofSeconds(90)).until(() -> running.pods().isEmpty());
        assertThat(tolerant.pods())
                .singleElement()
                .matches(pod -> pod.getMetadata().getDeletionTimestamp() == null);
    }

    /** On a node that is Ready it is NoExecute and nothing more: pods are deleted with their grace, and no budget is asked. */
    @Test
    void outOfServiceOnALiveNodeDeletesPodsPastTheirBudgets() throws InterruptedException {
        Workload web = cluster.deployment("web")
                .replicas(2)
                .grace(ofSeconds(60))
                .hangs()
                .createOn(doomed);
        cluster.budget("web", web).maxUnavailable(0);

        writer.outOfService(seen(), JOURNAL);

        await().atMost(ofSeconds(30))
                .until(() -> web.podsOn(doomed).stream()
                        .allMatch(pod -> pod.getMetadata().getDeletionTimestamp() != null));
        assertThat(web.podsOn(doomed)).hasSize(2).allSatisfy(pod -> {
            assertThat(pod.getMetadata().getDeletionGracePeriodSeconds()).isEqualTo(60);
            assertThat(pod.getStatus().getConditions())
                    .anyMatch(condition -> condition.getType().equals("DisruptionTarget")
                            && condition.getReason().equals("DeletionByTaintManager"));
        });
    }

    @Test
    void backInServiceTakesJustThatTaint() throws InterruptedException {
        taint(new Taint("dedicated", "gpu", "NoSchedule"));
        writer.outOfService(seen(), JOURNAL);
        KubeNode out = seen();
        assertThat(out.taints()).contains(Taint.OUT_OF_SERVICE);

        assertThat(writer.backInService(out, out.journal().orElseThrow())).isEqualTo(new Written());

        assertThat(seen().taints()).containsExactly(new Taint("dedicated", "gpu", "NoSchedule"));
        assertThat(seen().journal()).contains(JOURNAL);
    }

    @Test
    void taintThatHasMovedInTheListIsAConflict() throws InterruptedException {
        taint(new Taint("dedicated", "gpu", "NoSchedule"));
        writer.outOfService(seen(), JOURNAL);
        KubeNode before = seen();
        cluster.client()
                .nodes()
                .withName(doomed.name())
                .edit(node -> new NodeBuilder(node)
                        .editSpec()
                        .removeMatchingFromTaints(taint -> taint.getKey().equals("dedicated"))
                        .endSpec()
                        .build());

        assertThat(writer.backInService(before, before.journal().orElseThrow())).isEqualTo(new Conflict());

        assertThat(seen().taints()).containsExactly(Taint.OUT_OF_SERVICE);
    }

    private PodTemplateSpec tolerant(PodTemplateSpec pod) {
        return new PodTemplateSpecBuilder(pod)
                .editSpec()
                .addNewToleration()
                .withOperator("Exists")
                .endToleration()
                .endSpec()
                .build();
    }

    private KubeNode seen() {
        return KubeNode.of(cluster.live(doomed));
    }

    private void taint(Taint taint) {
        cluster.client()
                .nodes()
                .withName(doomed.name())
                .edit(node -> new NodeBuilder(node)
                        .editSpec()
                        .addNewTaint(taint.effect(), taint.key(), null, taint.value())
                        .endSpec()
                        .build());
    }
}
