package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.HeldEviction;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Whose turn it is, by example: waves, priorities, budgets. */
class EvictionOrderPlayTest {
    private static final Interruption SPOT = new SpotInterruption(Play.INSTANCE, START, SpotAction.TERMINATE);
    private static final AsgTermination ASG = Play.asg("token-1", START);

    private static final int CLUSTER_CRITICAL = 2_000_000_000;
    private static final int NODE_CRITICAL = 2_000_001_000;

    /** The node is cordoned and its pods are listed. */
    private static final Duration FIRST = ofMillis(100);

    /** One act later. */
    private static final Duration SECOND = ofMillis(150);

    private final Play play = new Play(7);

    @Test
    void clusterCriticalPodsGoAsSoonAsOrdinaryOnesWereAsked() {
        play.pod("dns", CLUSTER_CRITICAL, ofSeconds(1))
                .pod("web", 0, ofSeconds(20))
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "web")).containsExactly(FIRST);
        assertThat(play.started(Evict.class, "dns")).containsExactly(SECOND);
    }

    @Test
    void clusterCriticalPodsGoWhileABudgetHoldsOrdinaryOnesBack() {
        play.pod("dns", CLUSTER_CRITICAL, ofSeconds(1)).pod("web", 0, ofSeconds(20));
        budgetOver("web", 0);
        play.notice(SPOT).run();

        assertThat(play.started(Evict.class, "dns")).containsExactly(FIRST);
    }

    @Test
    void nodeCriticalPodsWaitUntilAllOthersAreGone() {
        play.pod("proxy", NODE_CRITICAL, ofSeconds(1))
                .pod("web", 0, ofSeconds(20))
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "proxy")).containsExactly(SECOND.plusSeconds(20));
    }

    @Test
    void aWaveThatIsStuckCostsALaterOneNoneOfItsGrace() {
        play.pod(SamplePod.of("web").grace(ofSeconds(1)), ofSeconds(1))
                .pod(SamplePod.of("proxy").priority(NODE_CRITICAL), ofSeconds(30));
        budgetOver("web", 0);
        play.notice(SPOT).run();

        assertThat(play.started(LastCall.class, "proxy")).containsExactly(ofSeconds(85));
        assertThat(play.report("proxy").given()).contains(ofSeconds(30));
        assertThat(play.started(LastCall.class, "web")).containsExactly(ofSeconds(114));
    }

    @Test
    void aWaveOpensWhenThoseBeforeHaveHadTheirShareOfTheTime() {
        play.policy(SamplePolicy.waves("0:50%,1000:25%,2000:25%"))
                .pod(SamplePod.of("web").grace(ofSeconds(100)), ofSeconds(100))
                .pod(SamplePod.of("api").priority(1_000).grace(ofSeconds(45)), ofSeconds(45))
                .pod(SamplePod.of("db").priority(2_000).grace(ofSeconds(10)), ofSeconds(1))
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "web")).containsExactly(FIRST);
        assertThat(play.started(Evict.class, "api")).containsExactly(ofSeconds(60));
        assertThat(play.started(Evict.class, "db")).containsExactly(ofSeconds(90));
    }

    @Test
    void aWaveThatIsGoneLeavesTheRestOfItsShareToTheOthers() {
        play.policy(SamplePolicy.waves("0:50%,1000:50%"))
                .pod("web", 0, ofSeconds(5))
                .pod("api", 1_000, ofSeconds(1))
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "api")).containsExactly(SECOND.plusSeconds(5));
    }

    @Test
    void emptyWavesCostNothing() {
        play.policy(SamplePolicy.waves("0:50%,1000:25%,2000:25%"))
                .pod(SamplePod.of("api").priority(1_000).grace(ofSeconds(60)), ofSeconds(60))
                .pod("another", 1_000, ofSeconds(60))
                .pod("db", 2_000, ofSeconds(1))
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "db")).containsExactly(ofSeconds(30));
    }

    @Test
    void volumePlumbingGoesWhenTheVolumesAreDetached() {
        play.pod(SamplePod.of("db").claiming("data"), ofSeconds(5))
                .pod(
                        SamplePod.of("csi")
                                .ownedBy("DaemonSet")
                                .with(Trait.DAEMON_SET_EVICTION)
                                .with(Trait.VOLUME_PLUMBING),
                        ofSeconds(1))
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "csi")).containsExactly(SECOND.plusSeconds(8));
    }

    @Test
    void weOurselvesGoLast() {
        play.policy(SamplePolicy.self("glidepath-1"))
                .pod("glidepath-1", 0, ofSeconds(1))
                .pod("proxy", NODE_CRITICAL, ofSeconds(4))
                .pod("web", 0, ofSeconds(20))
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "glidepath-1"))
                .containsExactly(SECOND.plusSeconds(20).plus(ofMillis(50)).plusSeconds(4));
    }

    @Test
    void ourOwnLastCallLeavesUsOurWholeGrace() {
        play.policy(SamplePolicy.self("glidepath-1"))
                .pod("glidepath-1", 0, ofSeconds(1))
                .pod(SamplePod.of("web").grace(ofSeconds(1)), ofSeconds(1));
        budgetOver("web", 0);
        play.notice(SPOT).run();

        assertThat(play.started(LastCall.class, "web")).containsExactly(ofSeconds(114));
        assertThat(play.started(LastCall.class, "glidepath-1")).containsExactly(ofSeconds(85));
    }

    @Test
    void aSlowAnswerHoldsUpLowerPrioritiesForASecondAndNoLonger() {
        play.pod("slow", 1_000, ofSeconds(1))
                .pod("web", 0, ofSeconds(1))
                .pod("dns", CLUSTER_CRITICAL, ofSeconds(1))
                .takes(action ->
                        isOn("slow", action) || isOn("web", action) ? Optional.of(ofSeconds(5)) : Optional.empty())
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "slow")).containsExactly(FIRST);
        assertThat(play.started(Evict.class, "web")).containsExactly(FIRST.plusSeconds(1));
        assertThat(play.started(Evict.class, "dns")).containsExactly(FIRST.plusSeconds(2));
    }

    @Test
    void thoseOfOnePriorityAreAskedTogether() {
        play.pod("a", 10, ofSeconds(1)).pod("b", 10, ofSeconds(1)).notice(SPOT).run();

        assertThat(play.started(Evict.class, "a")).containsExactly(FIRST);
        assertThat(play.started(Evict.class, "b")).containsExactly(FIRST);
    }

    @Test
    void asksAsManyAsTheBudgetHasRoomForTheMostImportantFirst() {
        play.pod("a", 0, ofSeconds(9))
                .pod("b", 10, ofSeconds(9))
                .pod("c", 10, ofSeconds(9))
                .pod("d", 0, ofSeconds(9))
                .budget(2, ofSeconds(1))
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "b")).containsExactly(FIRST);
        assertThat(play.started(Evict.class, "c")).containsExactly(FIRST);
        assertThat(play.started(Evict.class, "a")).containsExactly(SECOND.plusSeconds(10));
        assertThat(play.started(Evict.class, "d")).containsExactly(SECOND.plusSeconds(10));
        assertThat(heldReasons("a")).containsExactlyInAnyOrder(HeldEviction.Reason.NO_ROOM);
    }

    @Test
    void oneThatIsHeldBackByOthersUnderWayIsToldFromOneThatHasNoRoom() {
        play.pod("a", 0, ofSeconds(9))
                .pod("b", 0, ofSeconds(9))
                .budget(1, ofSeconds(1))
                .notice(SPOT)
                .run();

        assertThat(heldReasons("b")).containsExactlyInAnyOrder(HeldEviction.Reason.IN_USE, HeldEviction.Reason.NO_ROOM);
        assertThat(play.report("b").blockedFor()).isEqualTo(ofSeconds(10).plus(ofMillis(50)));
    }

    @Test
    void aBlockedPodIsEvictedAgainTheMomentTheBudgetChanges() {
        AtomicInteger refusals = new AtomicInteger(1);
        play.pod("web", 0, ofSeconds(1))
                .budget(1, ofSeconds(1))
                .fault(action -> action instanceof Evict && refusals.getAndDecrement() > 0
                        ? Optional.of(new Outcome.Blocked("shop/web", "no room"))
                        : Optional.empty())
                .at(START.plusSeconds(1), () -> play.pods.changeRoom("web", 1))
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "web")).containsExactly(FIRST, ofSeconds(1));
        assertThat(play.report("web").blockedBy()).containsExactly("shop/web");
        assertThat(play.report("web").blockedFor()).isEqualTo(ofMillis(850));
    }

    @Test
    void aPodBlockedThoughItsBudgetHasRoomIsEvictedAgainAfterAPause() {
        play.pod("web", 0, ofSeconds(1))
                .budget(1, ofSeconds(1))
                .fault(action -> action instanceof Evict && play.now().isBefore(START.plusSeconds(1))
                        ? Optional.of(new Outcome.Blocked("shop/web", "no room"))
                        : Optional.empty())
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "web"))
                .hasSize(2)
                .last()
                .satisfies(again -> assertThat(again).isBetween(ofMillis(1_650), ofMillis(2_650)));
    }

    @Test
    void nowAndThenOneIsAskedThoughNothingChanges() {
        play.pod("a", 0, ofSeconds(1))
                .pod("b", 0, ofSeconds(1))
                .budget(0, ofSeconds(1))
                .notice(ASG)
                .at(START.plusSeconds(200), () -> play.pods.changeRoom("web", 2))
                .run();

        List<Duration> a = play.started(Evict.class, "a");
        List<Duration> b = play.started(Evict.class, "b");
        assertThat(a.get(0)).isBetween(ofSeconds(30), ofSeconds(37));
        assertThat(b.get(0).minus(a.get(0))).isBetween(ofSeconds(30), ofSeconds(37));
        assertThat(a.get(1).minus(b.get(0))).isBetween(ofSeconds(30), ofSeconds(37));
        assertThat(a.getLast()).as("with room, at once").isEqualTo(ofSeconds(200));
        assertThat(b.getLast()).isEqualTo(ofSeconds(200));
        assertThat(play.report("a").blockedFor()).isBetween(ofSeconds(199), ofSeconds(200));
    }

    @Test
    void eachBudgetIsProbedOnItsOwn() {
        play.pod("a", 0, ofSeconds(1)).pod("b", 0, ofSeconds(1));
        budgetOver("a", 0);
        budgetOver("b", 0);
        play.notice(SPOT).run();

        assertThat(play.started(Evict.class, "a").getFirst()).isBetween(ofSeconds(30), ofSeconds(37));
        assertThat(play.started(Evict.class, "b").getFirst()).isBetween(ofSeconds(30), ofSeconds(37));
    }

    @Test
    void aBudgetThatChangedIsTakenAtItsWordFromThenOn() {
        play.pod("a", 0, ofSeconds(1))
                .budget(0, ofSeconds(1))
                .at(START.plusSeconds(20), () -> play.pods.changeRoom("web", 0))
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "a").getFirst()).isBetween(ofSeconds(50), ofSeconds(57));
    }

    @Test
    void aBudgetWhoseStatusLagsIsWaitedFor() {
        play.pod("web", 0, ofSeconds(1)).budget(1, ofSeconds(1));
        play.pods.isCurrent("web", false);
        play.at(START.plusSeconds(20), () -> play.pods.isCurrent("web", true))
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "web")).containsExactly(ofSeconds(20));
        assertThat(heldReasons("web")).containsExactly(HeldEviction.Reason.STALE);
    }

    @Test
    void aPodThatIsNotReadyIsSaidToWaitForItsHealth() {
        play.pod(SamplePod.of("web").without(Trait.READY), ofSeconds(1))
                .budget(0, ofSeconds(1))
                .notice(SPOT)
                .run();

        assertThat(heldReasons("web")).containsExactly(HeldEviction.Reason.UNHEALTHY_PODS);
    }

    @Test
    void twoBudgetsOverOnePodAreAskedInVainUntilItsLastCall() {
        play.pod("web", 0, ofSeconds(1));
        play.pods.addBudget("one", 1, ofSeconds(1), _ -> true);
        play.pods.addBudget("two", 1, ofSeconds(1), _ -> true);
        play.notice(SPOT).run();

        List<Duration> asked = play.started(Evict.class, "web");
        assertThat(asked.getFirst()).isEqualTo(FIRST);
        assertThat(asked).hasSizeBetween(3, 5);
        assertThat(asked.get(1)).isBetween(ofMillis(7_600), ofMillis(12_650));
        assertThat(play.started(LastCall.class, "web")).containsExactly(ofSeconds(85));
        assertThat(play.started(Delete.class, "web")).containsExactly(ofMillis(85_050));
        assertThat(play.report("web").result()).isEqualTo(DrainReport.Result.FORCED);
    }

    @Test
    void aBlockedPodIsEvictedAtOnceWhenItsBudgetIsDeleted() {
        Duration deleted = ofSeconds(190);
        play.pod("web", 0, ofSeconds(1))
                .budget(0, ofSeconds(1))
                .notice(ASG)
                .at(START.plus(deleted), () -> play.pods.removeBudget("web"))
                .run();

        assertThat(refusalsBefore(deleted)).isGreaterThanOrEqualTo(5);
        assertThat(play.started(Evict.class, "web")).last().isEqualTo(deleted);
    }

    @Test
    void aBlockedPodIsEvictedAtOnceWhenAnotherBudgetWithRoomCoversIt() {
        Duration relabelled = ofSeconds(190);
        AtomicBoolean isRelabelled = new AtomicBoolean();
        play.pod("web", 0, ofSeconds(1));
        play.pods.addBudget("full", 0, ofSeconds(1), _ -> !isRelabelled.get());
        play.pods.addBudget("roomy", 1, ofSeconds(1), _ -> isRelabelled.get());
        play.notice(ASG)
                .at(START.plus(relabelled), () -> isRelabelled.set(true))
                .run();

        assertThat(refusalsBefore(relabelled)).isGreaterThanOrEqualTo(5);
        assertThat(play.started(Evict.class, "web")).last().isEqualTo(relabelled);
    }

    @Test
    void aPodBlockedByALateBudgetIsEvictedAtOnceWhenThatIsDeleted() {
        AtomicBoolean isSeen = new AtomicBoolean();
        play.pod("web", 0, ofSeconds(1));
        play.pods.addBudget("late", 0, ofSeconds(1), _ -> isSeen.get());
        play.fault(action -> action instanceof Evict && !isSeen.get()
                        ? Optional.of(new Outcome.Blocked("shop/late", "no room"))
                        : Optional.empty())
                .at(START.plus(ofMillis(200)), () -> isSeen.set(true))
                .at(START.plus(ofMillis(400)), () -> play.pods.removeBudget("late"))
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "web")).containsExactly(FIRST, ofMillis(400));
    }

    @Test
    void aPodOfTwoBudgetsIsEvictedAtOnceWhenOneIsDeleted() {
        play.pod("web", 0, ofSeconds(1));
        play.pods.addBudget("one", 1, ofSeconds(1), _ -> true);
        play.pods.addBudget("two", 1, ofSeconds(1), _ -> true);
        play.at(START.plusSeconds(60), () -> play.pods.removeBudget("two"))
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "web")).last().isEqualTo(ofSeconds(60));
    }

    @Test
    void aPodBlockedByNoKnownBudgetIsEvictedAgainAfterAPause() {
        play.pod("web", 0, ofSeconds(1))
                .fault(action -> action instanceof Evict && play.now().isBefore(START.plusSeconds(1))
                        ? Optional.of(new Outcome.Blocked("shop/unseen", "no room"))
                        : Optional.empty())
                .notice(SPOT)
                .run();

        assertThat(play.started(Evict.class, "web"))
                .hasSize(2)
                .last()
                .satisfies(again -> assertThat(again).isBetween(ofMillis(1_650), ofMillis(2_650)));
    }

    @Test
    void allOfANodeAreAsUrgentAsItsEarliestLastCall() {
        play.pod("web", 0, ofSeconds(1))
                .pod(SamplePod.of("db").grace(ofSeconds(60)), ofSeconds(1))
                .notice(SPOT)
                .run();

        assertThat(play.done(Evict.class))
                .extracting(done -> ((Evict) done.action()).terms())
                .allSatisfy(terms -> assertThat(terms.urgency()).isEqualTo(START.plusSeconds(55)))
                .extracting(Action.Terms::lastCall)
                .containsExactly(START.plusSeconds(55), START.plusSeconds(85));
    }

    private long refusalsBefore(Duration moment) {
        return play.started(Evict.class, "web").stream()
                .filter(at -> at.compareTo(moment) < 0)
                .count();
    }

    private void budgetOver(String pod, int room) {
        play.pods.addBudget(pod, room, ofSeconds(1), each -> each.ref().name().equals(pod));
    }

    private Set<HeldEviction.Reason> heldReasons(String pod) {
        return play.looks().stream()
                .flatMap(look -> look.decision().held().stream())
                .filter(held -> isOn(pod, held.evict()))
                .map(HeldEviction::reason)
                .collect(Collectors.toSet());
    }

    private static boolean isOn(String pod, Action action) {
        return action instanceof OnPod onPod && onPod.pod().name().equals(pod);
    }
}
