package dev.glidepath.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.node.Journal.Change;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NodePatchTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String SEEN =
            Journal.empty(Instant.parse("2026-08-24T11:00:00Z")).text();
    private static final String UNREAD_PATH = "/metadata/annotations/glidepath.dev~1departure-unread";
    private static final String JOURNAL_PATH = "/metadata/annotations/glidepath.dev~1departure";
    private static final String LABEL_PATH =
            "/metadata/labels/node.kubernetes.io~1exclude-from-external-load-balancers";
    private static final String LABEL = "node.kubernetes.io/exclude-from-external-load-balancers";
    private static final String KIND = "spot-interruption";
    private static final Taint OURS = Taint.departing(KIND, Scheduling.FORBIDDEN);
    private static final Taint SOFT = Taint.departing(KIND, Scheduling.DISCOURAGED);
    private static final Taint THEIRS = new Taint("dedicated", "gpu", "NoSchedule");
    private static final Journal JOURNAL = Journal.empty(Instant.parse("2026-08-24T12:00:00Z"));

    @Test
    void cordonsTaintsAndJournalsWhereNothingIsYet() {
        assertThat(depart(node(false, true, List.of(), "")))
                .containsExactly(
                        "test " + JOURNAL_PATH + " null",
                        "test /spec/unschedulable null",
                        "add /spec/unschedulable true",
                        "test /spec/taints null",
                        "add /spec/taints [{\"key\":\"glidepath.dev/departing\",\"value\":\"spot-interruption\","
                                + "\"effect\":\"NoSchedule\"}]",
                        "add " + JOURNAL_PATH + " " + changing(Change.UNSCHEDULABLE, Change.TAINT));
    }

    @Test
    void appendsToTheTaintsOfOthers() {
        assertThat(depart(node(false, true, List.of(THEIRS), "")))
                .contains("add /spec/taints/- {\"key\":\"glidepath.dev/departing\",\"value\":\"spot-interruption\","
                        + "\"effect\":\"NoSchedule\"}")
                .noneMatch(operation -> operation.startsWith("test /spec/taints"));
    }

    @Test
    void leavesWhatIsThereAndDoesNotCallItOurs() {
        Taint before = new Taint(OURS.key(), "asg-termination", "NoSchedule");

        assertThat(depart(node(true, true, List.of(before), "")))
                .containsExactly("test " + JOURNAL_PATH + " null", "add " + JOURNAL_PATH + " " + changing());
    }

    @Test
    void makesTheAnnotationsWhereANodeHasNone() {
        assertThat(depart(node(true, false, List.of(OURS), "")))
                .containsExactly(
                        "test /metadata/annotations null",
                        "add /metadata/annotations {}",
                        "add " + JOURNAL_PATH + " " + changing());
    }

    /** The name of a node comes again with its address; the new one has no journal either. */
    @Test
    void isForNoOtherNodeOfTheSameName() {
        KubeNode seen = node(true, true, List.of(OURS), "");
        KubeNode joined = new KubeNode(
                seen.name(),
                Instant.parse("2026-08-24T09:00:00Z"),
                seen.readiness(),
                seen.unschedulable(),
                seen.shutDown(),
                seen.annotated(),
                seen.labels(),
                seen.taints(),
                "");

        assertThat(depart(joined))
                .containsExactly(
                        "test /metadata/creationTimestamp \"2026-08-24T09:00:00Z\"",
                        "test " + JOURNAL_PATH + " null",
                        "add " + JOURNAL_PATH + " " + changing());
    }

    @Test
    void replacesOnlyTheJournalItHasSeen() {
        assertThat(depart(node(true, true, List.of(OURS), SEEN)))
                .containsExactly(
                        "test " + JOURNAL_PATH + " " + JSON.valueToTree(SEEN),
                        "add " + JOURNAL_PATH + " " + changing());
    }

    @Test
    void journalAloneTouchesNothingElse() {
        assertThat(operations(NodePatch.journal(node(false, true, List.of(), SEEN), JOURNAL)))
                .containsExactly(
                        "test " + JOURNAL_PATH + " " + JSON.valueToTree(SEEN),
                        "add " + JOURNAL_PATH + " " + changing());
    }

    @Test
    void remembersWhatAnEarlierPatchChanged() {
        Journal earlier = JOURNAL.withChanged(Set.of(Change.UNSCHEDULABLE));
        String patch = NodePatch.depart(
                node(true, true, List.of(), earlier.text()), earlier, KIND, Scheduling.FORBIDDEN, false);

        assertThat(operations(patch))
                .contains("add " + JOURNAL_PATH + " " + changing(Change.UNSCHEDULABLE, Change.TAINT));
    }

    @Test
    void takesANodeOutOfServiceAndRemembersIt() {
        assertThat(operations(NodePatch.outOfService(node(true, true, List.of(OURS), SEEN), JOURNAL)))
                .containsExactly(
                        "test " + JOURNAL_PATH + " " + JSON.valueToTree(SEEN),
                        "add /spec/taints/- {\"key\":\"node.kubernetes.io/out-of-service\",\"value\":\"nodeshutdown\","
                                + "\"effect\":\"NoExecute\"}",
                        "add " + JOURNAL_PATH + " " + changing(Change.OUT_OF_SERVICE));
    }

    @Test
    void anothersWordThatANodeIsOutOfServiceIsNotOurs() {
        Taint theirs = new Taint("node.kubernetes.io/out-of-service", "", "NoExecute");

        assertThat(operations(NodePatch.outOfService(node(true, true, List.of(theirs), SEEN), JOURNAL)))
                .containsExactly(
                        "test " + JOURNAL_PATH + " " + JSON.valueToTree(SEEN),
                        "add " + JOURNAL_PATH + " " + changing());
        assertThat(operations(NodePatch.backInService(node(true, true, List.of(theirs), SEEN), JOURNAL)))
                .containsExactly(
                        "test " + JOURNAL_PATH + " " + JSON.valueToTree(SEEN),
                        "add " + JOURNAL_PATH + " " + changing());
    }

    @Test
    void takesItBackByItsPlaceIfItIsStillThere() {
        Journal ours = JOURNAL.withChanged(Set.of(Change.TAINT, Change.OUT_OF_SERVICE));
        KubeNode node = node(true, true, List.of(THEIRS, Taint.OUT_OF_SERVICE, OURS), ours.text());

        assertThat(operations(NodePatch.backInService(node, ours)))
                .contains(
                        "test /spec/taints/1/key \"node.kubernetes.io/out-of-service\"",
                        "test /spec/taints/1/effect \"NoExecute\"",
                        "remove /spec/taints/1 ",
                        "add " + JOURNAL_PATH + " " + changing(Change.TAINT))
                .hasSize(5);
    }

    @Test
    void whatSomebodyElseTookBackIsForgotten() {
        Journal ours = JOURNAL.withChanged(Set.of(Change.OUT_OF_SERVICE));

        assertThat(operations(NodePatch.backInService(node(true, true, List.of(OURS), SEEN), ours)))
                .containsExactly(
                        "test " + JOURNAL_PATH + " " + JSON.valueToTree(SEEN),
                        "add " + JOURNAL_PATH + " " + changing());
    }

    @Test
    void discouragesByASoftTaintAlone() {
        KubeNode node = node(false, true, List.of(THEIRS), "");

        assertThat(operations(NodePatch.depart(node, JOURNAL, KIND, Scheduling.DISCOURAGED, true)))
                .containsExactly(
                        "test " + JOURNAL_PATH + " null",
                        "add /spec/taints/- {\"key\":\"glidepath.dev/departing\",\"value\":\"spot-interruption\","
                                + "\"effect\":\"PreferNoSchedule\"}",
                        "add " + JOURNAL_PATH + " " + changing(Change.SOFT_TAINT));
    }

    @Test
    void hardTaintComesBesideASoftOneOfOurs() {
        Journal discouraged = JOURNAL.withChanged(Set.of(Change.SOFT_TAINT));
        KubeNode node = node(false, true, List.of(SOFT), discouraged.text());

        assertThat(operations(NodePatch.depart(node, discouraged, KIND, Scheduling.FORBIDDEN, false)))
                .contains(
                        "add /spec/taints/- {\"key\":\"glidepath.dev/departing\",\"value\":\"spot-interruption\","
                                + "\"effect\":\"NoSchedule\"}",
                        "add " + JOURNAL_PATH + " " + changing(Change.SOFT_TAINT, Change.UNSCHEDULABLE, Change.TAINT));
    }

    @Test
    void softTaintThatIsThereIsNotAddedAgain() {
        KubeNode node = node(false, true, List.of(SOFT), "");

        assertThat(operations(NodePatch.depart(node, JOURNAL, KIND, Scheduling.DISCOURAGED, false)))
                .containsExactly("test " + JOURNAL_PATH + " null", "add " + JOURNAL_PATH + " " + changing());
    }

    @Test
    void takesANodeOutOfLoadBalancersWhereAsked() {
        assertThat(operations(NodePatch.depart(
                        labelled(Map.of("pool", "spot"), ""), JOURNAL, KIND, Scheduling.FORBIDDEN, true)))
                .contains(
                        "test " + LABEL_PATH + " null",
                        "add " + LABEL_PATH + " \"glidepath\"",
                        "add " + JOURNAL_PATH + " " + changing(Change.LOAD_BALANCER_LABEL));
        assertThat(operations(NodePatch.depart(labelled(Map.of(), ""), JOURNAL, KIND, Scheduling.FORBIDDEN, true)))
                .contains("test /metadata/labels null", "add /metadata/labels {\"" + LABEL + "\":\"glidepath\"}");
        assertThat(operations(NodePatch.depart(
                        labelled(Map.of("pool", "spot"), ""), JOURNAL, KIND, Scheduling.FORBIDDEN, false)))
                .noneMatch(operation -> operation.contains("/metadata/labels"));
    }

    @Test
    void anothersLoadBalancerLabelIsNotOurs() {
        KubeNode node = labelled(Map.of(LABEL, ""), "");

        assertThat(operations(NodePatch.depart(node, JOURNAL, KIND, Scheduling.FORBIDDEN, true)))
                .containsExactly("test " + JOURNAL_PATH + " null", "add " + JOURNAL_PATH + " " + changing());
    }

    @Test
    void undoesAllThatIsOursFromTheEndOfTheList() {
        Journal all = JOURNAL.withChanged(EnumSet.allOf(Change.class));
        KubeNode node = node(
                true,
                List.of(SOFT, THEIRS, Taint.OUT_OF_SERVICE, OURS),
                Map.of(LABEL, "glidepath", "pool", "spot"),
                all.text());

        assertThat(operations(NodePatch.undo(node, JOURNAL)))
                .containsExactly(
                        "test " + JOURNAL_PATH + " " + JSON.valueToTree(all.text()),
                        "add /spec/unschedulable false",
                        "test /spec/taints/3/key \"glidepath.dev/departing\"",
                        "test /spec/taints/3/effect \"NoSchedule\"",
                        "remove /spec/taints/3 ",
                        "test /spec/taints/2/key \"node.kubernetes.io/out-of-service\"",
                        "test /spec/taints/2/effect \"NoExecute\"",
                        "remove /spec/taints/2 ",
                        "test /spec/taints/0/key \"glidepath.dev/departing\"",
                        "test /spec/taints/0/effect \"PreferNoSchedule\"",
                        "remove /spec/taints/0 ",
                        "test " + LABEL_PATH + " \"glidepath\"",
                        "remove " + LABEL_PATH + " ",
                        "add " + JOURNAL_PATH + " " + changing());
    }

    @Test
    void undoesNothingThatIsNotJournaledAsOurs() {
        KubeNode node =
                node(true, List.of(SOFT, Taint.OUT_OF_SERVICE, OURS), Map.of(LABEL, "glidepath"), JOURNAL.text());

        assertThat(operations(NodePatch.undo(node, JOURNAL)))
                .containsExactly("test " + JOURNAL_PATH + " " + changing(), "add " + JOURNAL_PATH + " " + changing());
    }

    @Test
    void undoesOneTaintAndLeavesTheOtherOfItsKey() {
        Journal ours = JOURNAL.withChanged(Set.of(Change.SOFT_TAINT));
        KubeNode node = node(false, List.of(OURS, SOFT), Map.of(), ours.text());

        assertThat(operations(NodePatch.undo(node, ours)))
                .contains("test /spec/taints/1/effect \"PreferNoSchedule\"", "remove /spec/taints/1 ")
                .noneMatch(operation -> operation.contains("/spec/taints/0"));
    }

    @Test
    void whatAPersonRevertedOrMadeTheirOwnIsLeftAsItIs() {
        Journal all = JOURNAL.withChanged(EnumSet.allOf(Change.class));
        KubeNode node = node(false, List.of(THEIRS), Map.of(LABEL, "true"), all.text());

        assertThat(operations(NodePatch.undo(node, all)))
                .containsExactly(
                        "test " + JOURNAL_PATH + " " + JSON.valueToTree(all.text()),
                        "add " + JOURNAL_PATH + " " + changing());
    }

    @Test
    void undoOfABrokenJournalTouchesNothingElse() {
        assertThat(operations(NodePatch.undo(node(true, List.of(OURS), Map.of(), "broken"), JOURNAL)))
                .containsExactly(
                        "test " + JOURNAL_PATH + " \"broken\"",
                        "add " + UNREAD_PATH + " \"broken\"",
                        "add " + JOURNAL_PATH + " " + changing());
    }

    @Test
    void textThatCannotBeReadIsKeptWhateverIsWrittenOverIt() {
        String newer = "{\"version\":2}";

        assertThat(depart(node(true, true, List.of(OURS), newer)))
                .contains("add " + UNREAD_PATH + " " + JSON.valueToTree(newer));
        assertThat(operations(NodePatch.journal(node(true, true, List.of(OURS), "x".repeat(100_000)), JOURNAL)))
                .contains("add " + UNREAD_PATH + " \"" + "x".repeat(16_384) + "\"");
        assertThat(depart(node(true, true, List.of(OURS), ""))).noneMatch(operation -> operation.contains("unread"));
    }

    private static KubeNode node(boolean unschedulable, boolean annotated, List<Taint> taints, String journal) {
        return node(unschedulable, annotated, taints, Map.of(), journal);
    }

    private static KubeNode node(
            boolean unschedulable, List<Taint> taints, Map<String, String> labels, String journal) {
        return node(unschedulable, true, taints, labels, journal);
    }

    /** Cordoned and tainted already. */
    private static KubeNode labelled(Map<String, String> labels, String journal) {
        return node(true, true, List.of(OURS), labels, journal);
    }

    private static KubeNode node(
            boolean unschedulable, boolean annotated, List<Taint> taints, Map<String, String> labels, String journal) {
        return new KubeNode(
                new NodeName("ip-10-0-1-7"),
                Instant.EPOCH,
                new Readiness(Readiness.Status.TRUE, Optional.empty()),
                unschedulable,
                false,
                annotated,
                labels,
                taints,
                journal);
    }

    private static List<String> depart(KubeNode node) {
        return operations(NodePatch.depart(node, JOURNAL, KIND, Scheduling.FORBIDDEN, false));
    }

    /** The journal as a JSON text, with these changes. */
    private static String changing(Change... changes) {
        return JSON.valueToTree(JOURNAL.withChanged(Set.of(changes)).text()).toString();
    }

    private static List<String> operations(String patch) {
        try {
            return JSON.readTree(patch)
                    .valueStream()
                    .map(NodePatchTest::operation)
                    .toList();
        } catch (JsonProcessingException e) {
            throw new AssertionError(patch, e);
        }
    }

    private static String operation(JsonNode operation) {
        return operation.path("op").asText() + " " + operation.path("path").asText() + " " + operation.path("value");
    }
}
