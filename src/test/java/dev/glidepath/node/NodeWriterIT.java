package dev.glidepath.node;

import static dev.glidepath.lab.AuditLog.by;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.Kind;
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
import dev.glidepath.node.Journal.Effect;
import dev.glidepath.node.Journal.State;
import dev.glidepath.node.WriteOutcome.Conflict;
import dev.glidepath.node.WriteOutcome.Denied;
import dev.glidepath.node.WriteOutcome.Failed;
import dev.glidepath.node.WriteOutcome.NodeGone;
import dev.glidepath.node.WriteOutcome.Written;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeWriterIT {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final String KIND = "spot-interruption";
    private static final String LABEL = "node.kubernetes.io/exclude-from-external-load-balancers";
    private static final InterruptionId SPOT = new InterruptionId("spot-interruption/i/now");
    private static final Taint OURS = Taint.departing(KIND, Scheduling.FORBIDDEN);
    private static final Taint SOFT = Taint.departing(KIND, Scheduling.DISCOURAGED);
    private static final Taint THEIRS = new Taint("dedicated", "gpu", "NoSchedule");
    private static final Journal JOURNAL = Journal.empty(NOON)
            .with(new Cause(SPOT, Kind.SPOT_INTERRUPTION, Effect.ENDS, NOON, NOON, Optional.empty(), false));

    private final ControlPlane plane = ControlPlane.shared();
    private final KubernetesClient client = Clients.ofDaemon(plane);
    private final List<String> known = new CopyOnWriteArrayList<>();
    private final NodeWriter writer = new NodeWriter(new ApiServer(client.getConfiguration()), known::add, true);
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

        assertThat(writer.depart(node, JOURNAL, KIND, Scheduling.FORBIDDEN)).isEqualTo(new Written());

        assertThat(plane.audit().since(mark).stream()
                        .filter(by(AuditLog.serviceAccount("glidepath", "glidepath")))
                        .map(Request::verb))
                .containsExactly("patch");
        KubeNode after = seen();
        assertThat(after.unschedulable()).isTrue();
        assertThat(after.taints()).contains(OURS);
        assertThat(after.journal())
                .contains(JOURNAL.withChanged(Set.of(Change.UNSCHEDULABLE, Change.TAINT, Change.LOAD_BALANCER_LABEL)));
    }

    @Test
    void writesTheJournalAloneToANodeThatIsDepartingAlready() throws InterruptedException {
        writer.depart(seen(), JOURNAL, KIND, Scheduling.FORBIDDEN);
        KubeNode before = seen();
        Journal settled = before.journal().orElseThrow().settle(Set.of(SPOT));

        assertThat(writer.journal(before, settled)).isEqualTo(new Written());

        assertThat(seen().journal()).contains(settled);
        assertThat(seen().unschedulable()).isTrue();
    }

    /** A controller gives every node an annotation before long, so this one is taken off again until it is quick enough. */
    @Test
    void makesTheAnnotationsOfANodeThatHasNone() {
        await().atMost(ofMinutes(2)).until(() -> {
            KubeNode bare = reduced(cluster.client()
                    .nodes()
                    .withName(doomed.name())
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"annotations\": null}}"));
            assertThat(bare.annotated()).isFalse();
            return writer.depart(bare, JOURNAL, KIND, Scheduling.FORBIDDEN) instanceof Written;
        });

        assertThat(seen().journal().map(Journal::causes)).contains(JOURNAL.causes());
    }

    @Test
    void nodeThatGotItsFirstAnnotationInBetweenIsAConflict() throws InterruptedException {
        KubeNode node = seen();
        assertThat(node.annotated()).isTrue();
        KubeNode asItWasBorn = new KubeNode(
                node.name(),
                node.joinedAt(),
                new Readiness(Readiness.Status.TRUE, Optional.empty()),
                false,
                false,
                false,
                node.labels(),
                List.of(),
                "");

        assertThat(writer.depart(asItWasBorn, JOURNAL, KIND, Scheduling.FORBIDDEN))
                .isEqualTo(new Conflict());

        assertThat(cluster.live(doomed).getMetadata().getAnnotations()).isNotEmpty();
    }

    @Test
    void keepsTheTaintsOfOthers() throws InterruptedException {
        taint(THEIRS);

        assertThat(writer.depart(seen(), JOURNAL, KIND, Scheduling.FORBIDDEN)).isEqualTo(new Written());

        assertThat(seen().taints()).contains(THEIRS, OURS);
    }

    @Test
    void firstTaintOfAnotherInBetweenIsAConflictAndStays() throws InterruptedException {
        KubeNode before = seen();
        taint(THEIRS);

        assertThat(writer.depart(before, JOURNAL, KIND, Scheduling.FORBIDDEN)).isEqualTo(new Conflict());

        assertThat(seen().taints()).containsExactly(THEIRS);
        assertThat(seen().unschedulable()).isFalse();
    }

    /** Perhaps it was we ourselves, by a request whose answer was lost; a watch that is silent does not show it. */
    @Test
    void afterAConflictTheNodeIsKnownAsItIs() throws InterruptedException {
        KubeNode before = seen();
        writer.journal(before, Journal.empty(NOON.minusSeconds(5)));
        String theirs = seen().journalText();
        known.clear();

        assertThat(writer.depart(before, JOURNAL, KIND, Scheduling.FORBIDDEN)).isEqualTo(new Conflict());

        assertThat(known).singleElement().satisfies(node -> {
            JsonNode read = new JsonMapper().readTree(node);
            assertThat(read.at("/metadata/name").asText()).isEqualTo(doomed.name());
            assertThat(read.at("/spec/providerID").asText()).isEqualTo(doomed.providerId());
            assertThat(read.at("/metadata/annotations")
                            .path("glidepath.dev/departure")
                            .asText())
                    .isEqualTo(theirs);
        });
    }

    @Test
    void journalOfAnotherInBetweenIsAConflictAndStays() throws InterruptedException {
        KubeNode before = seen();
        Journal theirs = Journal.empty(NOON.minusSeconds(5));
        writer.journal(before, theirs);

        assertThat(writer.depart(before, JOURNAL, KIND, Scheduling.FORBIDDEN)).isEqualTo(new Conflict());

        assertThat(seen().journal()).contains(theirs);
        assertThat(seen().unschedulable()).isFalse();
        assertThat(seen().taints()).isEmpty();
    }

    @Test
    void brokenJournalIsReplaced() throws InterruptedException {
        byAPerson(() -> object().edit(node -> new NodeBuilder(node)
                .editMetadata()
                .addToAnnotations(Journal.ANNOTATION, "not \"ours\" any more")
                .endMetadata()
                .build()));

        assertThat(seen().journal()).isEmpty();
        assertThat(writer.depart(seen(), JOURNAL, KIND, Scheduling.FORBIDDEN)).isEqualTo(new Written());

        assertThat(seen().journal()).isNotEmpty();
    }

    @Test
    void lackOfRightsNamesTheRule() throws InterruptedException {
        try (KubernetesClient nobody = Clients.of(plane, cluster.namespace(), "default")) {
            assertThat(new NodeWriter(new ApiServer(nobody.getConfiguration()), _ -> {}, false)
                            .depart(seen(), JOURNAL, KIND, Scheduling.FORBIDDEN))
                    .isEqualTo(new Denied("may not patch nodes: the ClusterRole needs nodes: patch"));
        }
        assertThat(seen().unschedulable()).isFalse();
    }

    @Test
    void deletedNodeIsGone() throws InterruptedException {
        KubeNode before = seen();
        cluster.client().nodes().withName(doomed.name()).delete();

        assertThat(writer.depart(before, JOURNAL, KIND, Scheduling.FORBIDDEN)).isEqualTo(new NodeGone());
    }

    @Test
    void silenceOfTheApiServerIsAFailureAndNoException() throws InterruptedException {
        try (ScriptedApiServer silent = new ScriptedApiServer().onWrite(ScriptedApiServer.noAnswer());
                KubernetesClient toIt = silent.client()) {
            assertThat(new NodeWriter(new ApiServer(toIt.getConfiguration()), _ -> {}, false)
                            .depart(seen(), JOURNAL, KIND, Scheduling.FORBIDDEN))
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
        await().atMost(ofMinutes(2)).until(() -> terminating.pods().isEmpty());
        await().atMost(ofMinutes(2)).until(() -> running.pods().isEmpty());
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

        await().atMost(ofMinutes(2))
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
        taint(THEIRS);
        writer.outOfService(seen(), JOURNAL);
        KubeNode out = seen();
        assertThat(out.taints()).contains(Taint.OUT_OF_SERVICE);

        assertThat(writer.backInService(out, out.journal().orElseThrow())).isEqualTo(new Written());

        assertThat(seen().taints()).containsExactly(THEIRS);
        assertThat(seen().journal()).contains(JOURNAL);
    }

    @Test
    void taintThatHasMovedInTheListIsAConflict() throws InterruptedException {
        taint(THEIRS);
        writer.outOfService(seen(), JOURNAL);
        KubeNode before = seen();
        untaint(THEIRS);

        assertThat(writer.backInService(before, before.journal().orElseThrow())).isEqualTo(new Conflict());

        assertThat(seen().taints()).containsExactly(Taint.OUT_OF_SERVICE);
    }

    @Test
    void discouragedNodeIsTaintedSoftlyAndThenHard() throws InterruptedException {
        assertThat(writer.depart(seen(), JOURNAL, KIND, Scheduling.DISCOURAGED)).isEqualTo(new Written());
        KubeNode discouraged = seen();
        assertThat(discouraged.taints()).containsExactly(SOFT);
        assertThat(discouraged.unschedulable()).isFalse();
        assertThat(discouraged.labels()).doesNotContainKey(LABEL);

        Journal escalated = discouraged.journal().orElseThrow();
        assertThat(writer.depart(discouraged, escalated, KIND, Scheduling.FORBIDDEN))
                .isEqualTo(new Written());

        assertThat(seen().taints()).contains(SOFT, OURS);
        assertThat(seen().unschedulable()).isTrue();
        assertThat(seen().labels()).containsEntry(LABEL, "glidepath");
        assertThat(seen().journal().orElseThrow().changed())
                .containsExactlyInAnyOrder(
                        Change.SOFT_TAINT, Change.TAINT, Change.UNSCHEDULABLE, Change.LOAD_BALANCER_LABEL);
    }

    @Test
    void personsCordonInBetweenIsAConflictAndStaysTheirs() throws InterruptedException {
        KubeNode before = seen();
        byAPerson(() -> cluster.cordon(doomed));

        assertThat(writer.depart(before, JOURNAL, KIND, Scheduling.FORBIDDEN)).isEqualTo(new Conflict());
        assertThat(writer.depart(seenTaintedByTheController(), JOURNAL, KIND, Scheduling.FORBIDDEN))
                .isEqualTo(new Written());

        assertThat(seen().journal().orElseThrow().changed()).doesNotContain(Change.UNSCHEDULABLE);
    }

    @Test
    void undoRevertsAllThatWeDidInOneRequestAndNothingElse() throws InterruptedException {
        taint(THEIRS);
        KubeNode before = seen();
        writer.depart(before, JOURNAL, KIND, Scheduling.DISCOURAGED);
        writer.depart(seen(), seen().journal().orElseThrow(), KIND, Scheduling.FORBIDDEN);
        writer.outOfService(seenTaintedByTheController(), seen().journal().orElseThrow());
        KubeNode departing = seen();
        assertThat(departing.journal().orElseThrow().changed()).containsExactlyInAnyOrder(Change.values());
        assertThat(departing.taints()).contains(THEIRS, SOFT, OURS, Taint.OUT_OF_SERVICE);
        Journal settled = departing.journal().orElseThrow().settle(Set.of(SPOT)).in(State.SETTLED);
        AuditLog.Mark mark = plane.audit().mark();

        assertThat(writer.undo(departing, settled)).isEqualTo(new Written());

        assertThat(plane.audit().since(mark).stream()
                        .filter(by(AuditLog.serviceAccount("glidepath", "glidepath")))
                        .map(Request::verb))
                .containsExactly("patch");
        KubeNode after = seen();
        assertThat(after.unschedulable()).isFalse();
        assertThat(after.taints()).contains(THEIRS).doesNotContain(SOFT, OURS, Taint.OUT_OF_SERVICE);
        assertThat(after.labels()).isEqualTo(before.labels());
        assertThat(after.journal())
                .contains(
                        settled.withoutChanged(departing.journal().orElseThrow().changed()));
        await().atMost(ofMinutes(2)).until(() -> seen().taints().equals(before.taints()));
    }

    @Test
    void undoLeavesWhatWasThereBeforeUs() throws InterruptedException {
        byAPerson(() -> cluster.cordon(doomed));
        KubeNode before = seenTaintedByTheController();
        writer.depart(before, JOURNAL, KIND, Scheduling.FORBIDDEN);

        assertThat(writer.undo(seen(), JOURNAL)).isEqualTo(new Written());

        assertThat(seen().unschedulable()).isTrue();
        assertThat(seen().taints()).isEqualTo(before.taints());
        assertThat(seen().journal()).contains(JOURNAL);
    }

    @Test
    void undoAfterAPersonHasRevertedItThemselvesOnlyJournals() throws InterruptedException {
        writer.depart(seen(), JOURNAL, KIND, Scheduling.FORBIDDEN);
        byAPerson(() -> cluster.uncordon(doomed));
        untaint(OURS);
        KubeNode reverted = seen();
        assertThat(reverted.journal().orElseThrow().changed()).contains(Change.UNSCHEDULABLE, Change.TAINT);

        assertThat(writer.undo(reverted, JOURNAL)).isEqualTo(new Written());

        assertThat(seen().unschedulable()).isFalse();
        assertThat(seen().journal()).contains(JOURNAL);
    }

    /** Seen too late, it makes no difference. */
    @Test
    void personsUncordonInBetweenDoesNotHinderTheUndo() throws InterruptedException {
        writer.depart(seen(), JOURNAL, KIND, Scheduling.FORBIDDEN);
        KubeNode before = seenTaintedByTheController();
        byAPerson(() -> cluster.uncordon(doomed));

        assertThat(writer.undo(before, JOURNAL)).isEqualTo(new Written());

        assertThat(seen().unschedulable()).isFalse();
        assertThat(seen().taints()).doesNotContain(OURS);
    }

    @Test
    void journalOfAnotherInBetweenIsAConflictForTheUndoToo() throws InterruptedException {
        writer.depart(seen(), JOURNAL, KIND, Scheduling.FORBIDDEN);
        KubeNode before = seen();
        writer.journal(before, before.journal().orElseThrow().heldBy("glidepath-1/cafe"));

        assertThat(writer.undo(before, JOURNAL)).isEqualTo(new Conflict());

        assertThat(seen().unschedulable()).isTrue();
        assertThat(seen().taints()).contains(OURS);
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
        return reduced(cluster.live(doomed));
    }

    private static KubeNode reduced(Node node) {
        return KubeNode.of(new ObjectMapper().valueToTree(node));
    }

    /** A controller adds a taint of its own to a node that is cordoned, and would do so between two steps. */
    private KubeNode seenTaintedByTheController() {
        await().atMost(ofMinutes(2))
                .until(() -> seen().taints().stream()
                        .anyMatch(taint -> taint.key().equals("node.kubernetes.io/unschedulable")));
        return seen();
    }

    private void untaint(Taint gone) {
        byAPerson(() -> object().edit(node -> new NodeBuilder(node)
                .editSpec()
                .removeMatchingFromTaints(taint -> taint.getKey().equals(gone.key()))
                .endSpec()
                .build()));
    }

    private void taint(Taint taint) {
        byAPerson(() -> object().edit(node -> new NodeBuilder(node)
                .editSpec()
                .addNewTaint(taint.effect(), taint.key(), null, taint.value())
                .endSpec()
                .build()));
    }

    private Resource<Node> object() {
        return cluster.client().nodes().withName(doomed.name());
    }

    /** Who tries again when a controller wrote in between. */
    private static void byAPerson(ThrowingRunnable change) {
        await().atMost(ofMinutes(2))
                .ignoreException(KubernetesClientException.class)
                .untilAsserted(change);
    }
}
