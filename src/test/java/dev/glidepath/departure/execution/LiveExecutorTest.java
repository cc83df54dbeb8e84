package dev.glidepath.departure.execution;

import static dev.glidepath.departure.ClusterStandIn.patchOf;
import static dev.glidepath.departure.ShellSetup.NODE;
import static dev.glidepath.departure.ShellSetup.OTHER_WORKER;
import static dev.glidepath.departure.ShellSetup.WORKER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.glidepath.departure.ClusterStandIn.Answer;
import dev.glidepath.departure.HooksStandIn;
import dev.glidepath.departure.QueueStandIn;
import dev.glidepath.departure.ShellSetup;
import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.AskForNode;
import dev.glidepath.departure.action.Action.AskKubelet;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.FindVolume;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Action.PutBackInService;
import dev.glidepath.departure.action.Action.SettleJournal;
import dev.glidepath.departure.action.Action.TakeOutOfService;
import dev.glidepath.departure.action.Action.Undo;
import dev.glidepath.departure.action.Action.UpdateJournal;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Bound;
import dev.glidepath.departure.action.Outcome.Described;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.NotFound;
import dev.glidepath.departure.action.Outcome.NotNeeded;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.departure.action.Outcome.Overloaded;
import dev.glidepath.departure.action.Outcome.Refused;
import dev.glidepath.departure.action.Outcome.Renewed;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Notice.Delivery;
import dev.glidepath.drain.pod.PodSight.NotListed;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Scheduling;
import dev.glidepath.queue.DeliveryId;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** What is done about nodes, hooks and messages, and what comes of each answer. */
class LiveExecutorTest {
    private static final String PODS = "GET /api/v1/pods";
    private static final String KUBELET = "GET /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/" + NODE;
    private static final String CLAIM = "GET /api/v1/namespaces/shop/persistentvolumeclaims/data";
    private static final String TOKEN = "87654321-4321-4321-4321-210987654310";
    private static final LifecycleAction ACTION = ShellSetup.action(WORKER, TOKEN);
    private static final MessageId MESSAGE = new MessageId("notice");

    private final ShellSetup shell = ShellSetup.live().withNode("web");
    private final NodeAccess access = shell.access().of(WORKER, () -> {});
    private final Instant began = shell.clock.instant().truncatedTo(ChronoUnit.SECONDS);

    /** No departure begins by what is written here. */
    @BeforeEach
    void stopDepartures() {
        shell.departures.stop();
    }

    @AfterEach
    void close() {
        access.view().close();
        shell.close();
    }

    // Nodes.

    static Stream<Arguments> answersToAPatch() {
        return Stream.of(
                answer("conflict", Answer.failure(409, "the object has been modified"), Retry.class),
                answer(
                        "patch that does not fit",
                        Answer.failure(422, "the server rejected our request due to an error in our request"),
                        Retry.class),
                answer("node gone", Answer.failure(404, "not found"), Retry.class),
                answer(
                        "webhook refuses",
                        Answer.failure(403, "admission webhook \"x\" denied the request: no"),
                        Refused.class),
                answer("invalid node", Answer.failure(422, "Node \"node-1\" is invalid"), Refused.class),
                answer(
                        "permission missing",
                        Answer.failure(403, "User \"x\" cannot patch resource \"nodes\" in API group \"\""),
                        Forbidden.class),
                answer("busy", Answer.failure(429, "too many requests"), Overloaded.class),
                answer("server fails", Answer.failure(500, "etcd"), Retry.class));
    }

    @ParameterizedTest
    @MethodSource("answersToAPatch")
    void anAnswerToAPatchBecomesAnOutcome(Answer answer, Class<? extends Outcome> outcome) {
        shell.cluster.answer(patchOf(NODE), answer);

        assertThat(outcomeOf(cordon())).isInstanceOf(outcome);
        assertThat(shell.cluster.isCordoned(NODE)).isFalse();
    }

    @Test
    void cordonsTaintsAndJournalsANode() {
        assertThat(outcomeOf(cordon())).isEqualTo(new Succeeded());

        assertThat(shell.cluster.isCordoned(NODE)).isTrue();
        assertThat(shell.cluster.taints(NODE)).containsExactly("glidepath.dev/departing");
        assertThat(shell.journal().flatMap(Journal::holder)).contains(us());
    }

    @Test
    void onlyDiscouragesPodsWhereTheNodeIsOnlyAtRisk() {
        Cordon gentle = new Cordon(journal(), "", Kind.REBALANCE_RECOMMENDATION, Scheduling.DISCOURAGED);

        assertThat(outcomeOf(gentle)).isEqualTo(new Succeeded());

        assertThat(shell.cluster.isCordoned(NODE)).isFalse();
        assertThat(shell.cluster.taints(NODE)).hasSize(1);
    }

    @Test
    void rewritesTheJournalAlone() {
        assertThat(outcomeOf(new UpdateJournal(journal(), ""))).isEqualTo(new Succeeded());

        assertThat(shell.journal()).contains(journal());
        assertThat(shell.cluster.isCordoned(NODE)).isFalse();
    }

    @Test
    void settlesTheJournalAlone() {
        Journal settled = journal().in(Journal.State.SETTLED);

        assertThat(outcomeOf(new SettleJournal(settled, "", Ending.DRAINED, new DrainReport(List.of(), 0, false))))
                .isEqualTo(new Succeeded());

        assertThat(shell.isSettled()).isTrue();
        assertThat(shell.cluster.isCordoned(NODE)).isFalse();
    }

    @Test
    void undoesWhatItChanged() {
        assertThat(outcomeOf(cordon())).isEqualTo(new Succeeded());

        assertThat(outcomeOf(new Undo(journal(), shell.cluster.journal(NODE), Ending.WITHDRAWN)))
                .isEqualTo(new Succeeded());

        assertThat(shell.cluster.isCordoned(NODE)).isFalse();
        assertThat(shell.cluster.taints(NODE)).isEmpty();
    }

    @Test
    void taintsAMachineThatIsOffAndTakesThatBack() {
        assertThat(outcomeOf(new TakeOutOfService(journal(), ""))).isEqualTo(new Succeeded());
        assertThat(shell.cluster.taints(NODE)).containsExactly("node.kubernetes.io/out-of-service");

        Journal tainted = shell.journal().orElseThrow();
        assertThat(outcomeOf(new PutBackInService(tainted, shell.cluster.journal(NODE))))
                .isEqualTo(new Succeeded());

        assertThat(shell.cluster.taints(NODE)).isEmpty();
    }

    @Test
    void writesOverNoJournalButTheOneThatWasDecidedOn() {
        Cordon late = new Cordon(journal(), "another journal", Kind.SPOT_INTERRUPTION, Scheduling.FORBIDDEN);

        assertThat(outcomeOf(late)).isInstanceOf(Retry.class);
        assertThat(shell.cluster.count(patchOf(NODE))).isZero();
    }

    @Test
    void nothingIsSentAboutANodeThatIsNotThere() {
        ActionExecutor ofNone = shell.access().of(OTHER_WORKER, () -> {}).executor();

        for (Action action : List.of(cordon(), new AskKubelet(), new ListPods(1))) {
            assertThat(ofNone.begin(action).execute()).isInstanceOf(Retry.class);
        }
        assertThat(shell.cluster.requests()).noneMatch(request -> request.contains(NODE));
    }

    @Test
    void asksTheServerForAllNodes() {
        Instant since = shell.clock.instant();

        assertThat(outcomeOf(new AskForNode(since))).isEqualTo(new Succeeded());

        assertThat(shell.nodes.askedAt()).isAfterOrEqualTo(since);
    }

    @Test
    void asksTheKubeletsLease() {
        shell.cluster.kubeletRenewed(NODE, "2026-08-24T12:00:00.000000Z");

        assertThat(outcomeOf(new AskKubelet())).isEqualTo(new Renewed(Instant.parse("2026-08-24T12:00:00Z")));
    }

    static Stream<Arguments> answersAboutAKubelet() {
        return Stream.of(
                answer("no Lease", Answer.failure(404, "not found"), NotNeeded.class),
                answer("forbidden", Answer.failure(403, "no"), Forbidden.class),
                answer("server fails", Answer.failure(500, "etcd"), Retry.class));
    }

    @ParameterizedTest
    @MethodSource("answersAboutAKubelet")
    void anAnswerAboutAKubeletBecomesAnOutcome(Answer answer, Class<? extends Outcome> outcome) {
        shell.cluster.answer(KUBELET, answer);

        assertThat(outcomeOf(new AskKubelet())).isInstanceOf(outcome);
    }

    static Stream<Arguments> answersAboutAClaim() {
        return Stream.of(
                answer("bound", new Answer(200, "{\"spec\": {\"volumeName\": \"volume-1\"}}"), Bound.class),
                answer("unbound", new Answer(200, "{\"spec\": {}}"), NotNeeded.class),
                answer("gone", Answer.failure(404, "not found"), NotNeeded.class),
                answer("forbidden", Answer.failure(403, "no"), Forbidden.class),
                answer("server fails", Answer.failure(500, "etcd"), Retry.class));
    }

    @ParameterizedTest
    @MethodSource("answersAboutAClaim")
    void anAnswerAboutAClaimBecomesAnOutcome(Answer answer, Class<? extends Outcome> outcome) {
        shell.cluster.answer(CLAIM, answer);

        assertThat(outcomeOf(new FindVolume("shop", "data"))).isInstanceOf(outcome);
    }

    // Lists of pods.

    static Stream<Arguments> answersToAList() {
        return Stream.of(
                answer("forbidden", Answer.failure(403, "no"), Forbidden.class),
                answer("busy", Answer.failure(429, "too many requests"), Overloaded.class),
                answer("server fails", Answer.failure(500, "etcd"), Retry.class),
                answer("no list", new Answer(200, "{}"), Retry.class));
    }

    @ParameterizedTest
    @MethodSource("answersToAList")
    void aListThatFailsIsAnOutcomeAndLeavesNoPods(Answer answer, Class<? extends Outcome> outcome) {
        shell.cluster.answer(PODS, answer);

        assertThat(outcomeOf(new ListPods(1))).isInstanceOf(outcome);
        assertThat(access.view().pods()).isInstanceOf(NotListed.class);
        assertThat(outcomeOf(new ListPods(1))).as("the next one").isEqualTo(new Succeeded());
    }

    /** Only so many nodes may be in doubt at once. */
    @Test
    @Timeout(20)
    void aListThatFailsGivesItsRoomToTheNextNode() {
        ClusterAccess shared = shell.access();
        for (int each = 0; each < 8; each++) {
            InstanceId instance = new InstanceId("i-0a1b2c3d4e5f700" + each + "0");
            shell.withNode("node-of-" + instance, instance);
            shell.cluster.answer(PODS, Answer.failure(500, "etcd"));

            assertThat(shared.of(instance, () -> {})
                            .executor()
                            .begin(new ListPods(1))
                            .execute())
                    .isInstanceOf(Retry.class);
        }
    }

    @Test
    void nothingIsListedOnceTheDepartureIsOver() {
        access.view().close();

        assertThat(outcomeOf(new ListPods(1))).isInstanceOf(NotSent.class);
        assertThat(access.view().pods()).isInstanceOf(NotListed.class);
    }

    // Hooks.

    @Test
    void describesAHook() {
        assertThat(outcomeOf(new DescribeHook(ACTION)))
                .isInstanceOfSatisfying(
                        Described.class,
                        hook -> assertThat(List.of(hook.heartbeatTimeout(), hook.globalTimeout()))
                                .containsExactly(
                                        Duration.ofSeconds(HooksStandIn.HEARTBEAT_SECONDS),
                                        Duration.ofSeconds(HooksStandIn.GLOBAL_SECONDS)));
        assertThat(outcomeOf(
                        new DescribeHook(LifecycleAction.of("workers", "another", new LifecycleToken(TOKEN), WORKER))))
                .isInstanceOf(NotFound.class);
    }

    @Test
    void heartbeatsAndCompletesAnAction() {
        learnToken();

        assertThat(outcomeOf(new Heartbeat(ACTION))).isEqualTo(new Succeeded());
        assertThat(outcomeOf(new CompleteHook(ACTION, HookResult.CONTINUE))).isEqualTo(new Succeeded());

        assertThat(shell.autoScaling.heartbeats()).containsExactly(TOKEN);
        assertThat(shell.autoScaling.completed()).containsExactly(TOKEN);
    }

    static Stream<Arguments> troublesOfAutoScaling() {
        return Stream.of(
                answer(
                        "no such action",
                        HooksStandIn.answer(400, "ValidationError", "No active Lifecycle Action found with token"),
                        NotFound.class),
                answer("throttled", HooksStandIn.answer(400, "Throttling", "Rate exceeded"), Retry.class),
                answer("denied", HooksStandIn.answer(403, "AccessDenied", "not authorized"), Forbidden.class),
                answer("fails", HooksStandIn.answer(500, "InternalFailure", "sorry"), Retry.class),
                answer("no answer", SdkClientException.create("timed out"), Retry.class));
    }

    @ParameterizedTest
    @MethodSource("troublesOfAutoScaling")
    void aTroubleOfAutoScalingBecomesAnOutcome(RuntimeException trouble, Class<? extends Outcome> outcome) {
        learnToken();
        for (Action action : List.of(new Heartbeat(ACTION), new CompleteHook(ACTION, HookResult.CONTINUE))) {
            shell.autoScaling.fail(trouble);
            assertThat(outcomeOf(action)).isInstanceOf(outcome);
        }
        assertThat(shell.autoScaling.completed()).isEmpty();
    }

    @Test
    void aHookThatCannotBeDescribedIsAnOutcome() {
        shell.autoScaling.fail(HooksStandIn.answer(403, "AccessDenied", "not authorized"));
        assertThat(outcomeOf(new DescribeHook(ACTION))).isInstanceOf(Forbidden.class);

        shell.autoScaling.fail(HooksStandIn.answer(400, "Throttling", "Rate exceeded"));
        assertThat(outcomeOf(new DescribeHook(ACTION))).isInstanceOf(Retry.class);
    }

    @Test
    void withoutItsTokenAnActionIsTriedAgain() {
        assertThat(outcomeOf(new CompleteHook(ACTION, HookResult.CONTINUE))).isInstanceOf(Retry.class);
        assertThat(shell.autoScaling.completed()).isEmpty();
    }

    // Messages.

    @Test
    void deletesAMessageThatNobodyElseOwes() {
        hold(Set.of());

        assertThat(outcomeOf(deletion())).isEqualTo(new Succeeded());

        assertThat(shell.sqs.deleted()).containsExactly("notice");
        assertThat(shell.isOwed("notice")).isFalse();
    }

    @Test
    void leavesAMessageToTheOtherThatOwesIt() {
        hold(Set.of(WORKER, OTHER_WORKER));

        assertThat(outcomeOf(deletion())).isEqualTo(new Succeeded());
        assertThat(shell.sqs.deleted()).isEmpty();

        ActionExecutor ofOther = shell.access().of(OTHER_WORKER, () -> {}).executor();
        assertThat(ofOther.begin(deletion()).execute()).isEqualTo(new Succeeded());
        assertThat(shell.sqs.deleted()).containsExactly("notice");
    }

    @Test
    void whatTheQueueDoesNotDeleteIsTriedAgain() {
        hold(Set.of(WORKER));
        shell.sqs.refuseDelete();

        assertThat(outcomeOf(deletion())).isInstanceOf(Retry.class);
        assertThat(shell.queue.held()).isEqualTo(1);

        assertThat(outcomeOf(deletion())).isEqualTo(new Succeeded());
        assertThat(shell.sqs.deleted()).containsExactly("notice");
    }

    static Stream<Arguments> troublesOfTheQueue() {
        return Stream.of(
                answer("denied", sqs(403, "AccessDenied"), Forbidden.class),
                answer("no such queue", sqs(400, "QueueDoesNotExist"), Forbidden.class),
                answer("fails", sqs(500, "InternalError"), Retry.class),
                answer("no answer", SdkClientException.create("timed out"), Retry.class));
    }

    @ParameterizedTest
    @MethodSource("troublesOfTheQueue")
    void aTroubleOfTheQueueBecomesAnOutcome(RuntimeException trouble, Class<? extends Outcome> outcome) {
        hold(Set.of(WORKER));
        shell.sqs.failDelete(trouble);

        assertThat(outcomeOf(deletion())).isInstanceOf(outcome);
        assertThat(shell.queue.held()).isEqualTo(1);
    }

    private static RuntimeException sqs(int status, String code) {
        return SqsException.builder()
                .statusCode(status)
                .message(code)
                .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).build())
                .build();
    }

    @Test
    void handsAMessageBackAtOnce() {
        hold(Set.of(WORKER));

        assertThat(outcomeOf(new HandBack(Set.of(notice().deliveryId()), true))).isEqualTo(new Succeeded());

        assertThat(shell.sqs.released()).containsExactly(QueueStandIn.handle("notice", 1));
        assertThat(shell.queue.held()).isZero();
        assertThat(shell.isOwed("notice")).isFalse();
    }

    @Test
    void handsAMessageBackWhenItsTimeIsOver() {
        hold(Set.of(WORKER));

        assertThat(outcomeOf(new HandBack(Set.of(notice().deliveryId()), false)))
                .isEqualTo(new Succeeded());

        assertThat(shell.sqs.released()).isEmpty();
        assertThat(shell.queue.held()).isZero();
        assertThat(shell.isOwed("notice")).isFalse();
    }

    // What is not done.

    @Test
    void withoutALeaseNothingIsWrittenAndTheRestGoesOn() {
        learnToken();
        shell.lapseLease();

        assertThat(outcomeOf(cordon())).isInstanceOf(NotSent.class);
        assertThat(outcomeOf(new CompleteHook(ACTION, HookResult.CONTINUE))).isInstanceOf(NotSent.class);
        assertThat(outcomeOf(new Heartbeat(ACTION))).isEqualTo(new Succeeded());
        assertThat(outcomeOf(new ListPods(1))).isEqualTo(new Succeeded());
        assertThat(shell.cluster.isCordoned(NODE)).isFalse();
    }

    @Test
    void nothingIsDoneOnceTheProgramStops() {
        learnToken();
        shell.authority.end();

        for (Action action : List.of(cordon(), new ListPods(1), new Heartbeat(ACTION), deletion())) {
            assertThat(outcomeOf(action)).isInstanceOf(NotSent.class);
        }
        assertThat(shell.autoScaling.heartbeats()).isEmpty();
    }

    @Test
    void whatIsUnforeseenIsTriedAgain() {
        hold(Set.of(WORKER));
        shell.sqs.dieAtDelete();

        assertThat(outcomeOf(deletion())).isInstanceOf(Retry.class);
    }

    @Test
    void anInterruptIsKeptForTheThread() {
        Thread.currentThread().interrupt();

        assertThat(outcomeOf(cordon())).isInstanceOf(Retry.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(shell.cluster.isCordoned(NODE)).isFalse();
    }

    private Outcome outcomeOf(Action action) {
        return access.executor().begin(action).execute();
    }

    private static Arguments answer(String name, Object answer, Class<? extends Outcome> outcome) {
        return arguments(named(name, answer), outcome);
    }

    private Cordon cordon() {
        return new Cordon(journal(), "", Kind.SPOT_INTERRUPTION, Scheduling.FORBIDDEN);
    }

    private Journal journal() {
        return Journal.empty(began).in(Journal.State.OPEN).heldBy(us());
    }

    private String us() {
        return shell.replica.id().holder();
    }

    private void learnToken() {
        shell.tokens.learn(new LifecycleToken(TOKEN), new ActionNotice(ACTION, Route.EVENT_BRIDGE));
    }

    /** The message is held, and owed by these. */
    private void hold(Set<InstanceId> owing) {
        shell.sqs.send("notice", shell.spotNotice());
        assertThat(shell.receiveOnly()).hasSize(1);
        if (!owing.isEmpty()) {
            shell.owed.owe(new DeliveryId(MESSAGE, 1), owing);
        }
    }

    private static DeleteMessages deletion() {
        return new DeleteMessages(Set.of(MESSAGE), Ending.DRAINED);
    }

    private Notice notice() {
        return new Notice(new SpotInterruption(WORKER, began, SpotAction.TERMINATE), MESSAGE, began, Delivery.FIRST);
    }
}
