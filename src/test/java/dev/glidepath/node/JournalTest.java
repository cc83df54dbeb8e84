package dev.glidepath.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.InstanceId;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.Journal.Effect;
import dev.glidepath.node.Journal.Hook;
import dev.glidepath.node.Journal.Settled;
import dev.glidepath.node.Journal.State;
import dev.glidepath.node.Journal.Stop;
import dev.glidepath.node.Journal.Term;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final InstanceId INSTANCE = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final InterruptionId SPOT = new InterruptionId("spot-interruption/i-0a1b2c3d4e5f60001/noon");
    private static final InterruptionId ASG = new InterruptionId("asg-termination/token-1");
    private static final InterruptionId EARLIER = new InterruptionId("asg-termination/token-0");
    private static final Cause SPOT_CAUSE = new Cause(
            SPOT, Kind.SPOT_INTERRUPTION, Effect.ENDS, NOON, NOON.plusSeconds(1), Optional.of(at(120)), false);
    private static final Cause ASG_CAUSE =
            new Cause(ASG, Kind.ASG_TERMINATION, Effect.ENDS, NOON, NOON.plusSeconds(2), Optional.empty(), true);
    private static final Hook HOOK = new Hook(
            ASG, new LifecycleAction("workers-a", "drain-hook", "token-1", INSTANCE), NOON, NOON.plusSeconds(2), false);
    private static final Journal FRESH = Journal.empty(NOON.plusSeconds(1));
    private static final Journal FULL = new Journal(
            State.OPEN,
            Optional.of("glidepath-0/5eed"),
            NOON.plusSeconds(1),
            Optional.of(new Term(at(900), at(2))),
            Optional.of(Duration.ofMinutes(20)),
            List.of(SPOT_CAUSE, ASG_CAUSE),
            List.of(HOOK),
            Set.of(Change.SOFT_TAINT, Change.TAINT, Change.UNSCHEDULABLE, Change.LOAD_BALANCER_LABEL),
            Optional.of(new Stop(at(120), true)),
            List.of(new Settled(EARLIER, NOON.minusSeconds(60))));

    @Test
    void readsWhatItWrote() {
        assertThat(Journal.parse(FULL.text())).contains(FULL);
        assertThat(Journal.parse(FRESH.text())).contains(FRESH);
    }

    @Test
    void aHookThatIsToldDirectlyAsWellIsOurs() {
        Hook direct = new Hook(ASG, HOOK.action(), at(5), at(6), true);

        assertThat(FULL.with(direct).hooks())
                .containsExactly(new Hook(ASG, HOOK.action(), HOOK.noticedAt(), HOOK.firstReceivedAt(), true));
        assertThat(FULL.with(direct).with(HOOK)).isEqualTo(FULL.with(direct));
        assertThat(FULL.with(HOOK)).isEqualTo(FULL);
    }

    /** Written by one version and read by the next. */
    @Test
    void keepsTheFormItHasOnNodes() {
        assertThat(FULL.text())
                .isEqualTo(("{'state':'open','holder':'glidepath-0/5eed','start':'2026-08-24T12:00:01Z','term':{"
                                + "'deadline':'2026-08-24T12:15:00Z','since':'2026-08-24T12:00:02Z'},"
                                + "'longestGrace':'PT20M','causes':["
                                + "{'id':'spot-interruption/i-0a1b2c3d4e5f60001/noon','kind':'spot-interruption',"
                                + "'effect':'ends','noticedAt':'2026-08-24T12:00:00Z',"
                                + "'receivedAt':'2026-08-24T12:00:01Z','goneAt':'2026-08-24T12:02:00Z',"
                                + "'answered':false},"
                                + "{'id':'asg-termination/token-1','kind':'asg-termination','effect':'ends',"
                                + "'noticedAt':'2026-08-24T12:00:00Z','receivedAt':'2026-08-24T12:00:02Z',"
                                + "'answered':true}],"
                                + "'hooks':[{'cause':'asg-termination/token-1','group':'workers-a',"
                                + "'name':'drain-hook','token':'token-1','instance':'i-0a1b2c3d4e5f60001',"
                                + "'noticedAt':'2026-08-24T12:00:00Z','firstReceivedAt':'2026-08-24T12:00:02Z',"
                                + "'direct':false}],"
                                + "'changed':['unschedulable','taint','soft-taint','load-balancer-label'],"
                                + "'stop':{'at':'2026-08-24T12:02:00Z','proven':true},"
                                + "'settled':[{'id':'asg-termination/token-0',"
                                + "'noticedAt':'2026-08-24T11:59:00Z'}]}")
                        .replace('\'', '"'));
    }

    @Test
    void leavesOutOfItsTextWhatItDoesNotHave() {
        assertThat(FRESH.text())
                .isEqualTo(
                        "{'state':'settled','start':'2026-08-24T12:00:01Z','causes':[],'hooks':[],'changed':[],'settled':[]}"
                                .replace('\'', '"'));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "null",
                "7",
                "[]",
                "{}",
                "yes",
                "{'state':'open'}",
                "{'state':'open','start':'today'}",
                "{'state':'half-open','start':'2026-08-24T12:00:01Z'}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','changed':['labels']}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','term':'soon'}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','longestGrace':'long'}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','stop':{'proven':true}}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','causes':[{'id':'a'}]}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','causes':[{'id':'a','kind':'rumour'}]}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','hooks':[{'instance':'web-0'}]}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','settled':['a']}"
            })
    void brokenTextIsNone(String text) {
        assertThat(Journal.parse(text.replace('\'', '"'))).isEmpty();
    }

    @Test
    void tellsLiveFromSettledFromUnknown() {
        assertThat(FULL.isLive(SPOT)).isTrue();
        assertThat(FULL.isSettled(SPOT)).isFalse();
        assertThat(FULL.isLive(EARLIER)).isFalse();
        assertThat(FULL.isSettled(EARLIER)).isTrue();
        assertThat(FRESH.isLive(SPOT)).isFalse();
        assertThat(FRESH.isSettled(SPOT)).isFalse();
    }

    @Test
    void isHeldByOneReplicaAndOpenFromThenOn() {
        Journal held = FRESH.with(SPOT_CAUSE).heldBy("glidepath-1/cafe");

        assertThat(held.state()).isEqualTo(State.OPEN);
        assertThat(held.holder()).contains("glidepath-1/cafe");
        assertThat(held.causes()).containsExactly(SPOT_CAUSE);
        assertThat(held.heldBy("glidepath-2/beef").holder()).contains("glidepath-2/beef");
    }

    @Test
    void inAnyStateItIsEnteredNobodyHoldsIt() {
        for (State state : State.values()) {
            Journal released = FULL.in(state);

            assertThat(released.state()).isEqualTo(state);
            assertThat(released.holder()).isEmpty();
            assertThat(released.start()).isEqualTo(FULL.start());
            assertThat(released.causes()).isEqualTo(FULL.causes());
        }
    }

    @Test
    void beginsWhenItIsTold() {
        assertThat(FULL.startedAt(at(99)).start()).isEqualTo(at(99));
        assertThat(FULL.startedAt(at(99)).startedAt(FULL.start())).isEqualTo(FULL);
    }

    @Test
    void takesItsTermOrLosesIt() {
        Journal termed = FRESH.with(FULL.term(), FULL.longestGrace());

        assertThat(termed.term()).contains(new Term(at(900), at(2)));
        assertThat(termed.longestGrace()).contains(Duration.ofMinutes(20));
        assertThat(termed.with(Optional.empty(), Optional.empty())).isEqualTo(FRESH);
    }

    @Test
    void learnsCausesInTheirOrder() {
        assertThat(FRESH.with(SPOT_CAUSE).with(ASG_CAUSE).causes()).containsExactly(SPOT_CAUSE, ASG_CAUSE);
    }

    @Test
    void updateOfACauseTakesItsPlace() {
        Cause open = health("arn:1#open", at(3600));
        Cause moved = health("arn:1#moved", at(7200));
        Cause other = health("arn:2#open", at(60));

        Journal journal = FRESH.with(open).with(other).with(moved);

        assertThat(journal.causes()).containsExactly(moved, other);
        assertThat(journal.isLive(open.id())).isFalse();
        assertThat(journal.isLive(moved.id())).isTrue();
    }

    @Test
    void answeredCauseIsTheSameCause() {
        Journal answered = FRESH.with(SPOT_CAUSE).with(SPOT_CAUSE.whenAnswered());

        assertThat(answered.causes()).singleElement().satisfies(cause -> {
            assertThat(cause.answered()).isTrue();
            assertThat(cause.id()).isEqualTo(SPOT);
            assertThat(cause.goneAt()).isEqualTo(SPOT_CAUSE.goneAt());
        });
    }

    @Test
    void learnsAHookOnceAndKeepsWhenItWasFirstReceived() {
        Journal journal = FRESH.with(HOOK);
        Hook receivedAgain = new Hook(
                HOOK.cause(),
                HOOK.action(),
                HOOK.noticedAt(),
                HOOK.firstReceivedAt().plusSeconds(60),
                false);
        Hook ofAnotherGroup = new Hook(
                HOOK.cause(),
                new LifecycleAction("workers-b", "drain-hook", "token-1", INSTANCE),
                HOOK.noticedAt(),
                HOOK.firstReceivedAt(),
                false);

        assertThat(journal.hooks()).containsExactly(HOOK);
        assertThat(journal.with(receivedAgain)).isEqualTo(journal);
        assertThat(journal.with(ofAnotherGroup).hooks()).containsExactly(HOOK, ofAnotherGroup);
    }

    @Test
    void remembersAMachineThatMayComeBackUntilItIs() {
        Journal stopped = FRESH.with(Optional.of(new Stop(at(5), false)));

        assertThat(stopped.stop()).contains(new Stop(at(5), false));
        assertThat(stopped.with(Optional.<Stop>empty())).isEqualTo(FRESH);
    }

    @Test
    void settlingPaysTheCauseAndItsHooksAndLeavesTheRest() {
        Journal left = FULL.settle(Set.of(ASG));

        assertThat(left.causes()).containsExactly(SPOT_CAUSE);
        assertThat(left.hooks()).isEmpty();
        assertThat(left.settled()).containsExactly(new Settled(EARLIER, NOON.minusSeconds(60)), new Settled(ASG, NOON));
        assertThat(left.state()).isEqualTo(State.OPEN);
        assertThat(left.holder()).isEqualTo(FULL.holder());
        assertThat(left.changed()).isEqualTo(FULL.changed());
    }

    @Test
    void settlingOneCauseKeepsTheHookOfAnother() {
        Journal left = FULL.settle(Set.of(SPOT));

        assertThat(left.causes()).containsExactly(ASG_CAUSE);
        assertThat(left.hooks()).containsExactly(HOOK);
        assertThat(left.isSettled(SPOT)).isTrue();
    }

    @Test
    void settlesOfASetOnlyWhatIsLive() {
        assertThat(FRESH.with(SPOT_CAUSE).settle(Set.of(ASG))).isEqualTo(FRESH.with(SPOT_CAUSE));
    }

    @Test
    void settlesOneThatWasNeverLiveAndThatOnce() {
        Journal journal = FRESH.settle(new Settled(SPOT, NOON));

        assertThat(journal.settled()).containsExactly(new Settled(SPOT, NOON));
        assertThat(journal.settle(new Settled(SPOT, at(60)))).isEqualTo(journal);
    }

    @Test
    void causeThatWasSettledBeforeIsNotSettledTwice() {
        Journal again = FULL.settle(Set.of(SPOT)).with(SPOT_CAUSE).settle(Set.of(SPOT));

        assertThat(again).isEqualTo(FULL.settle(Set.of(SPOT)));
    }

    @Test
    void forgetsTheOldestOfManySettled() {
        List<Settled> many = IntStream.rangeClosed(0, Journal.MOST_SETTLED)
                .mapToObj(number -> new Settled(new InterruptionId("asg-termination/" + number), at(number)))
                .toList();
        Journal journal = FRESH;
        for (Settled each : many) {
            journal = journal.settle(each);
        }

        assertThat(many).hasSize(21);
        assertThat(journal.settled()).isEqualTo(many.subList(1, 21));
    }

    @Test
    void remembersWhatWasChangedUntilItIsUndone() {
        Journal changed = FRESH.withChanged(Set.of(Change.TAINT)).withChanged(Set.of(Change.OUT_OF_SERVICE));

        assertThat(changed.changed()).containsExactlyInAnyOrder(Change.TAINT, Change.OUT_OF_SERVICE);
        assertThat(changed.withoutChanged(Set.of(Change.OUT_OF_SERVICE)).changed())
                .containsExactly(Change.TAINT);
    }

    private static Cause health(String id, Instant goneAt) {
        return new Cause(
                new InterruptionId(id), Kind.SCHEDULED_CHANGE, Effect.STOPS, NOON, NOON, Optional.of(goneAt), false);
    }

    private static Instant at(long seconds) {
        return NOON.plusSeconds(seconds);
    }
}
