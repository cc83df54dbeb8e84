package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Action.UpdateJournal;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.decision.Play.Done;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.Response;
import dev.glidepath.lifecycle.GroupHook;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.Journal.State;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose a departure is: one that another replica holds, one that is taken over, one that is lost, and two replicas at work. */
class ClaimPlayTest {
    private static final String OTHER = "glidepath-9/1";
    private static final Instant FREE = START.plusSeconds(60);

    private final Play play = new Play(7);

    // Another replica, which is not played.

    @Test
    void whatAnotherReplicaHoldsIsLeftToItAndTakenOverWhenItIsDead() {
        heldByAnother(SampleNotices.spot(START));
        play.pod("web", 0, ofSeconds(5)).notice(SampleNotices.spot(START)).run();

        assertThat(play.done())
                .as("nothing before")
                .allSatisfy(done -> assertThat(done.at()).isAfterOrEqualTo(FREE));
        assertThat(play.looks().getFirst().decision().stage()).isEqualTo(new Stage.Elsewhere(OTHER, FREE));
        assertThat(play.done()).extracting(Done::action).satisfies(actions -> {
            assertThat(actions.getFirst()).isInstanceOfSatisfying(UpdateJournal.class, claim -> {
                assertThat(claim.journal().holder()).contains("glidepath-0/1");
                assertThat(claim.takesOver()).isTrue();
            });
            assertThat(actions.get(1)).isEqualTo(new ListPods(1));
        });
        assertThat(play.done(Cordon.class)).as("it is cordoned already").isEmpty();
        assertThat(play.started(Evict.class, "web")).hasSize(1);
        assertThat(play.ending().report().sinceTakeOver()).isTrue();
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void whatAnotherReplicaHoldsIsTakenOverThoughNobodyToldUsOfIt() {
        heldByAnother(Play.asg("token-1", START));
        play.pod("web", 0, ofSeconds(5)).run();

        assertThat(play.started(Evict.class, "web"))
                .singleElement()
                .satisfies(at -> assertThat(at).isBetween(ofSeconds(60), ofSeconds(61)));
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
    }

    @Test
    void takesADepartureOverBeforeItCompletesAStoppedInstancesHook() {
        heldByAnother(Play.asg("token-1", START));
        AtomicInteger refusals = new AtomicInteger(3);
        Instant stopped = FREE.plusSeconds(1);
        play.fault(action -> action instanceof OnJournal && refusals.getAndDecrement() > 0
                        ? Optional.of(new Outcome.Retry("down"))
                        : Optional.empty())
                .pod("web", 0, ofMinutes(5))
                .at(stopped, play::machineStops)
                .noticeAt(stopped, SampleNotices.state(InstanceState.STOPPED, stopped))
                .run();

        Instant taken = play.succeeded(OnJournal.class).getFirst().at();
        assertThat(play.done(CompleteHook.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isAfter(taken));
        assertThat(play.ending().ending()).isEqualTo(Ending.MACHINE_OFF);
    }

    @Test
    void mergesANoticeForAnothersDepartureAndKeepsItUntilSettled() {
        play.strangersFreeAt(START.plus(ofMinutes(30)));
        holds(OTHER, State.OPEN, SampleNotices.rebalance(START.minusSeconds(60)));
        Instant settled = START.plusSeconds(40);
        play.pod("web", 0, ofSeconds(5))
                .policy(SamplePolicy.responding(Kind.REBALANCE_RECOMMENDATION, Response.DRAIN))
                .notice(Play.asg("token-1", START))
                .at(START.plusSeconds(30), () -> {
                    Journal journal = play.journal().orElseThrow();
                    assertThat(journal.holder()).contains(OTHER);
                    assertThat(journal.hooks()).hasSize(1);
                    assertThat(play.messages()).hasSize(1);
                })
                .at(
                        settled,
                        () -> play.node.isJournaled(completed(play.journal().orElseThrow())))
                .runUntil(settled.plusSeconds(10));

        assertThat(play.succeeded(Cordon.class)).hasSize(1);
        assertThat(play.done(OnPod.class)).isEmpty();
        assertThat(play.done(Heartbeat.class)).isEmpty();
        assertThat(play.done(CompleteHook.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
        assertThat(play.isAtRest()).isTrue();
    }

    @Test
    void whatIsNotDueIsMergedWithoutACordon() {
        play.strangersFreeAt(START.plus(ofMinutes(30)));
        holds(OTHER, State.OPEN, SampleNotices.spot(START));
        play.pod("web", 0, ofSeconds(5))
                .notice(SampleNotices.change(1, START, START.plus(Duration.ofDays(3))))
                .runUntil(START.plusSeconds(30));

        assertThat(play.succeeded(UpdateJournal.class))
                .singleElement()
                .satisfies(done ->
                        assertThat(((UpdateJournal) done.action()).takesOver()).isFalse());
        assertThat(play.done(Cordon.class)).isEmpty();
        assertThat(play.journal().orElseThrow().causes()).hasSize(2);
        assertThat(play.journal().orElseThrow().holder()).contains(OTHER);
    }

    @Test
    void weStopWhenAnotherReplicaIsSeenInTheJournal() {
        Instant lost = START.plusSeconds(20);
        blocked("web")
                .heartbeatTimeout(ofSeconds(20))
                .notice(Play.asg("token-1", START))
                .at(lost, () -> {
                    play.strangersFreeAt(START.plus(ofMinutes(60)));
                    play.node.isJournaled(heldBy(play.journal().orElseThrow(), OTHER));
                })
                .runUntil(START.plus(ofMinutes(20)));

        assertThat(play.looks().stream().filter(look -> !look.at().isBefore(lost)))
                .isNotEmpty()
                .allSatisfy(look -> {
                    assertThat(look.decision().stage()).isInstanceOf(Stage.Elsewhere.class);
                    assertThat(look.decision().actions()).isEmpty();
                });
        assertThat(play.messages()).hasSize(1);
    }

    @Test
    void aHolderThatWasStartedAnewIsNoObstacle() {
        blocked("web")
                .notice(SampleNotices.spot(START))
                .at(START.plusSeconds(10), play::restart)
                .run();

        assertThat(play.succeeded(UpdateJournal.class)).singleElement().satisfies(done -> {
            assertThat(((UpdateJournal) done.action()).journal().holder()).contains("glidepath-0/2");
            assertThat(done.at()).isBetween(START.plusSeconds(10), START.plusSeconds(11));
        });
    }

    // Our Lease is not renewed.

    @Test
    void withoutALeaseNothingIsWrittenButHeartbeatsGoOnUntilItIsBack() {
        Instant lost = START.plusSeconds(20);
        Instant back = START.plusSeconds(100);
        play.pod("web", 0, ofSeconds(5))
                .pod(SamplePod.of("slow").grace(ofMinutes(1)), ofSeconds(45))
                .heartbeatTimeout(ofSeconds(20))
                .notice(Play.asg("token-1", START))
                .at(lost, () -> play.leaseIsLost(0))
                .at(START.plusSeconds(40), () -> play.pod("late", 0, ofSeconds(1)))
                .at(back, () -> play.leaseIsRenewed(0))
                .run();

        assertThat(play.looks().stream()
                        .filter(look -> !look.at().isBefore(lost.plusSeconds(10)))
                        .filter(look -> look.at().isBefore(back)))
                .isNotEmpty()
                .allSatisfy(look -> assertThat(look.decision().actions())
                        .noneMatch(Action::needsLease)
                        .allMatch(action -> action instanceof Heartbeat || action instanceof HandBack));
        assertThat(play.succeeded(Heartbeat.class))
                .filteredOn(done -> done.at().isAfter(lost.plusSeconds(10)))
                .hasSizeGreaterThan(5);
        assertThat(play.started(Evict.class, "late")).containsExactly(ofSeconds(100));
        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.ending().ending()).isEqualTo(Ending.DRAINED);
    }

    @Test
    void aDeadlineThatPassesWithoutALeaseIsSettledWhenTheLeaseIsBack() {
        blocked("web")
                .notice(SampleNotices.spot(START))
                .at(START.plusSeconds(20), () -> play.leaseIsLost(0))
                .at(START.plusSeconds(200), () -> {
                    assertThat(play.messages()).hasSize(1);
                    play.leaseIsRenewed(0);
                })
                .runUntil(START.plus(ofMinutes(20)));

        assertThat(play.done(LastCall.class)).isEmpty();
        assertThat(play.messages()).isEmpty();
        assertThat(play.isSettledOnTheNode(SampleNotices.spot(START))).isTrue();
    }

    // Two replicas.

    @ParameterizedTest
    @ValueSource(ints = {2, 10, 60})
    void anotherReplicaFinishesWhatOneThatDiedHadBegun(int seconds) {
        play.withAnotherReplica()
                .pod("web", 0, ofSeconds(15))
                .pod(SamplePod.of("slow").grace(ofMinutes(2)), ofMinutes(2))
                .heartbeatTimeout(ofSeconds(40))
                .noticeAt(START, Play.asg("token-1", START), "message", 0)
                .at(START.plusSeconds(seconds), () -> play.dies(0, ofSeconds(20)))
                .runUntil(START.plus(ofMinutes(30)));

        assertThat(play.succeeded(CompleteHook.class)).hasSize(1);
        assertThat(play.succeeded(Evict.class)).hasSize(2);
        assertThat(play.pods.names()).isEmpty();
        assertThat(play.messages()).isEmpty();
        assertThat(play.journal().map(Journal::state)).contains(State.SETTLED);
        assertThat(play.journal().flatMap(Journal::holder)).isEmpty();
        assertThat(play.isAtRest()).isTrue();
    }

    @Test
    void twoReplicasThatHearOfTwoHooksCompleteBothOnce() {
        play.withAnotherReplica()
                .pod("web", 0, ofSeconds(15))
                .noticeAt(START, Play.asg("token-1", START), "message-1", 0)
                .noticeAt(START, Play.asg("token-2", START), "message-2", 1)
                .runUntil(START.plus(ofMinutes(30)));

        assertThat(play.done(CompleteHook.class))
                .extracting(done -> ((CompleteHook) done.action()).action().tokenHash())
                .containsExactlyInAnyOrder("token-1", "token-2");
        assertThat(play.succeeded(Evict.class)).hasSize(1);
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void twoReplicasThatHearOfOneThingDrainOnce() {
        play.withAnotherReplica()
                .pod("web", 0, ofSeconds(15))
                .noticeAt(START, Play.asg("token-1", START), "message-1", 0)
                .noticeAt(START, Play.asg("token-1", START), "message-2", 1)
                .runUntil(START.plus(ofMinutes(30)));

        assertThat(play.done(Evict.class)).hasSize(1);
        assertThat(play.done(CompleteHook.class)).hasSize(1);
        assertThat(play.succeeded(Cordon.class)).hasSize(1);
        assertThat(play.messages()).isEmpty();
    }

    /** The journal reads then as it did before the first take-over. */
    @Test
    void aReplicaThatLostATakeoverToTheFirstHolderStaysOut() {
        play.withAnotherReplica();
        blocked("web")
                .noticeAt(START, Play.asg("token-1", START), "message-1", 0)
                .at(START.plusSeconds(20), () -> play.leaseIsLost(0))
                .at(START.plusSeconds(45), () -> play.leaseIsRenewed(0))
                .at(START.plusSeconds(60), () -> play.leaseIsLost(1))
                .at(START.plusSeconds(85), () -> play.leaseIsRenewed(1))
                .runUntil(START.plusSeconds(120));

        assertThat(play.looks().stream()
                        .filter(look -> look.snapshot().claim().us().equals("glidepath-1/1"))
                        .filter(look -> look.at().isAfter(START.plusSeconds(80))))
                .isNotEmpty()
                .allSatisfy(look -> assertThat(look.decision().stage()).isInstanceOf(Stage.Elsewhere.class));
    }

    @Test
    void whatIsWithdrawnByAnotherThanItsHolderIsUndoneByTheHolder() {
        Instant closed = START.plusSeconds(60);
        play.withAnotherReplica();
        blocked("web")
                .noticeAt(START, SampleNotices.change(1, START, START.plus(ofMinutes(30))), "message-1", 0)
                .noticeAt(closed, SampleNotices.closed(2, closed), "message-2", 1)
                .runUntil(closed.plusSeconds(30));

        assertThat(play.node.changed()).isEmpty();
        assertThat(play.journal().map(Journal::state)).contains(State.SETTLED);
        assertThat(play.journal().flatMap(Journal::holder)).isEmpty();
        assertThat(play.messages()).isEmpty();
        assertThat(play.isAtRest()).isTrue();
    }

    @Test
    void aLaunchDuringAPlannedDepartureIsDescribedAndCompletedOnce() {
        LifecycleAction join = new LifecycleAction("workers", "join", "launch", Play.INSTANCE);
        play.group(new GroupHook("join", false, "", "glidepath"))
                .notice(SampleNotices.change(1, START, START.plus(ofHours(5))))
                .noticeAt(
                        START.plusSeconds(10),
                        new AsgLaunch(join, START.plusSeconds(10), Route.EVENT_BRIDGE, false, false))
                .runUntil(START.plusSeconds(60));

        assertThat(play.done(CompleteHook.class)).hasSize(1);
        assertThat(play.done(DescribeHook.class)).hasSize(1);
        assertThat(play.messages()).isEmpty();
    }

    @Test
    void aFailedDeletionOfAPlannedDepartureIsRetriedLessAndLessOften() {
        play.fault(action ->
                        action instanceof DeleteMessages ? Optional.of(new Outcome.Retry("down")) : Optional.empty())
                .notice(SampleNotices.change(1, START, START.plus(ofHours(5))))
                .runUntil(START.plusSeconds(600));

        assertThat(play.done(DeleteMessages.class)).hasSizeBetween(50, 90);
    }

    @Test
    void aReplicaThatLostItsLeaseStaysOutAfterAnotherTookOver() {
        Instant lost = START.plusSeconds(20);
        play.withAnotherReplica()
                .pod(SamplePod.of("slow").grace(ofMinutes(2)), ofMinutes(2))
                .noticeAt(START, Play.asg("token-1", START), "message-1", 0)
                .at(lost, () -> play.leaseIsLost(0))
                .at(lost.plusSeconds(17), () -> play.leaseIsRenewed(0))
                .at(
                        lost.plusSeconds(20),
                        () -> assertThat(play.journal().flatMap(Journal::holder))
                                .contains("glidepath-1/1"))
                .runUntil(START.plus(ofMinutes(30)));

        assertThat(play.done(CompleteHook.class)).hasSize(1);
        assertThat(play.done(Evict.class)).hasSize(1);
        assertThat(play.messages()).isEmpty();
    }

    // The node is deleted.

    @Test
    void theHolderOfTheMessageCompletesTheHookOfADeletedNodeAtOnce() {
        play.strangersFreeAt(START.plus(ofMinutes(30)));
        holds(OTHER, State.OPEN, SampleNotices.spot(START));
        play.pod("web", 0, ofSeconds(5))
                .notice(Play.asg("token-1", START))
                .at(START.plusSeconds(20), play::nodeIsDeleted)
                .run();

        assertThat(play.succeeded(CompleteHook.class))
                .singleElement()
                .satisfies(done -> assertThat(done.at()).isBetween(START.plusSeconds(20), START.plusSeconds(21)));
        assertThat(play.messages()).isEmpty();
        assertThat(play.ending().ending()).isEqualTo(Ending.NODE_GONE);
    }

    private Play blocked(String pod) {
        play.pod(SamplePod.of(pod), ofMinutes(30));
        play.pods.addBudget("web", 0, ofSeconds(1), each -> each.ref().name().equals(pod));
        return play;
    }

    private void heldByAnother(Interruption interruption) {
        play.strangersFreeAt(FREE);
        holds(OTHER, State.OPEN, interruption);
    }

    private void holds(String holder, State state, Interruption interruption) {
        play.anotherHeard(interruption);
        Journal merged = Causes.merge(
                Journal.empty(START),
                List.of(new Notice(interruption, new MessageId("another's"), START, Notice.Delivery.FIRST)));
        play.node.isJournaled(
                written(merged, state, Optional.of(holder), merged.term(), Set.of(Change.UNSCHEDULABLE, Change.TAINT)));
    }

    private static Journal heldBy(Journal journal, String holder) {
        return written(journal, State.OPEN, Optional.of(holder), journal.term(), journal.changed());
    }

    private static Journal settled(Journal journal) {
        Set<InterruptionId> all =
                journal.causes().stream().map(Journal.Cause::id).collect(Collectors.toSet());
        return written(journal.settle(all), State.SETTLED, Optional.empty(), Optional.empty(), journal.changed());
    }

    /** Settled by one of our release, who completed its hooks. */
    private static Journal completed(Journal journal) {
        return settled(journal)
                .withHooksCompleted(
                        journal.hooks().stream().map(Journal.Hook::cause).collect(Collectors.toSet()));
    }

    private static Journal written(
            Journal journal, State state, Optional<String> holder, Optional<Journal.Term> term, Set<Change> changed) {
        return new Journal(
                state,
                holder,
                journal.start(),
                term,
                journal.longestGrace(),
                journal.causes(),
                journal.hooks(),
                changed,
                journal.stop(),
                journal.goneBy(),
                journal.settled(),
                journal.unknown());
    }
}
