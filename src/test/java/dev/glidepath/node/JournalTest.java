package dev.glidepath.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.Window;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.Journal.Effect;
import dev.glidepath.node.Journal.Hook;
import dev.glidepath.node.Journal.Reading;
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
            ASG, new LifecycleAction("workers-a", "drain-hook", "token-1", INSTANCE), NOON, NOON.plusSeconds(2));
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
            Optional.of(at(720)),
            List.of(new Settled(EARLIER, NOON.minusSeconds(60))),
            UnknownParts.NONE);

    @Test
    void readsWhatItWrote() {
        assertThat(Journal.parse(FULL.text())).contains(FULL);
        assertThat(Journal.parse(FRESH.text())).contains(FRESH);
    }

    /** A client that may change a node can copy an entry from another's journal. */
    @Test
    void hooksOfOthersAndThoseForNoLiveCauseAreLeftOut() {
        Hook copied = new Hook(
                SPOT,
                new LifecycleAction("workers-a", "drain-hook", "token-9", new InstanceId("i-0a1b2c3d4e5f60009")),
                NOON,
                NOON);
        Hook orphan =
                new Hook(EARLIER, new LifecycleAction("workers-a", "drain-hook", "token-0", INSTANCE), NOON, NOON);
        Journal written = FULL.with(copied).with(orphan);

        assertThat(written.about(INSTANCE)).isEqualTo(FULL);
        assertThat(FULL.about(INSTANCE)).isEqualTo(FULL);
        Journal ofAnotherBuild = Journal.parse(
                        written.text().replace("\"kind\":\"spot-interruption\"", "\"kind\":\"rumour\""))
                .orElseThrow();
        assertThat(ofAnotherBuild.about(INSTANCE).hooks())
                .as("its cause may be one that only the other build knows")
                .containsExactly(HOOK, orphan);
    }

    /** A client that may change a node may write times far ahead: a hook would be waited for, and a cause never lapse. */
    @Test
    void nothingWasReceivedLaterThanNow() {
        Instant now = NOON.minus(Duration.ofHours(3));

        Journal heard = FULL.heardBy(now);

        assertThat(heard.causes()).allSatisfy(cause -> {
            assertThat(cause.noticedAt()).isEqualTo(now);
            assertThat(cause.receivedAt()).isEqualTo(now);
        });
        assertThat(heard.causes().getFirst().goneAt()).isEqualTo(SPOT_CAUSE.goneAt());
        assertThat(heard.hooks()).containsExactly(new Hook(ASG, HOOK.action(), now, now));
        assertThat(heard.settled().getFirst().noticedAt()).isEqualTo(now);
        assertThat(heard.term()).contains(new Term(at(900), now));
        assertThat(heard.stop()).isEqualTo(FULL.stop());
        assertThat(FULL.heardBy(NOON.minus(Duration.ofMinutes(4))))
                .as("clocks differ")
                .isEqualTo(FULL);
    }

    /** Written by one version and read by the next. */
    @Test
    void keepsTheFormItHasOnNodes() {
        assertThat(FULL.text()).isEqualTo(SampleJournal.text("in-full.json"));
    }

    @Test
    void leavesOutOfItsTextWhatItDoesNotHave() {
        assertThat(FRESH.text())
                .isEqualTo(
                        "{'version':1,'state':'settled','start':'2026-08-24T12:00:01Z','causes':[],'hooks':[],'changed':[],'settled':[]}"
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
                "{'version':'two','state':'open','start':'2026-08-24T12:00:01Z'}",
                "{'version':1.5,'state':'open','start':'2026-08-24T12:00:01Z'}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','term':'soon'}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','longestGrace':'long'}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','stop':{'proven':true}}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','causes':[{'id':'a'}]}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','causes':[{'id':'a','kind':'rumour'}]}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','hooks':[{'instance':'web-0'}]}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','settled':['a']}",
                "{'state':'open','start':'+1000000000-12-31T23:59:59.999999999Z'}",
                "{'state':'open','start':'2300-01-01T00:00:00Z'}",
                "{'state':'open','start':'1969-12-31T23:59:59Z'}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','term':{'deadline':'+1000000000-12-31T23:59:59Z',"
                        + "'since':'2026-08-24T12:00:01Z'}}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','longestGrace':'PT9223372036854775807S'}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','longestGrace':'PT-1S'}",
                "{'state':'open','start':'2026-08-24T12:00:01Z','causes':[{'id':'a','kind':'spot-interruption',"
                        + "'effect':'ends','noticedAt':'2026-08-24T12:00:01Z','receivedAt':'2026-08-24T12:00:01Z',"
                        + "'goneAt':'+1000000000-12-31T23:59:59Z'}]}"
            })
    void brokenTextIsNone(String text) {
        assertThat(Journal.parse(text.replace('\'', '"'))).isEmpty();
        assertThat(Journal.read(text.replace('\'', '"')))
                .isEqualTo(text.isEmpty() ? new Reading.None() : new Reading.Broken());
    }

    @Test
    void distinguishesLiveFromSettledFromUnknown() {
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
    void noReplicaHoldsItInAnyStateItIsPutIn() {
        for (State state : State.values()) {
            Journal released = FULL.in(state);

            assertThat(released.state()).isEqualTo(state);
            assertThat(released.holder()).isEmpty();
            assertThat(released.start()).isEqualTo(FULL.start());
            assertThat(released.causes()).isEqualTo(FULL.causes());
        }
    }

    @Test
    void beginsWhenItIsSetTo() {
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
                HOOK.firstReceivedAt().plusSeconds(60));
        Hook ofAnotherGroup = new Hook(
                HOOK.cause(),
                new LifecycleAction("workers-b", "drain-hook", "token-1", INSTANCE),
                HOOK.noticedAt(),
                HOOK.firstReceivedAt());

        assertThat(journal.hooks()).containsExactly(HOOK);
        assertThat(journal.with(receivedAgain)).isEqualTo(journal);
        assertThat(journal.with(ofAnotherGroup).hooks()).containsExactly(HOOK, ofAnotherGroup);
    }

    @Test
    void remembersAnInstanceThatMayComeBackUntilItIsBack() {
        Journal stopped = FRESH.with(Optional.of(new Stop(at(5), false)));

        assertThat(stopped.stop()).contains(new Stop(at(5), false));
        assertThat(stopped.with(Optional.<Stop>empty())).isEqualTo(FRESH);
    }

    @Test
    void settlingEndsTheCauseAndItsHooksAndLeavesTheRest() {
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

    @Test
    void remembersTheWindowOfACauseThatHasOne() {
        Journal journal = FRESH.with(new Cause(
                SPOT,
                Kind.SCHEDULED_CHANGE,
                Effect.STOPS,
                NOON,
                NOON,
                Optional.of(at(900)),
                false,
                Optional.of(new Window(at(-300), at(6_900)))));

        assertThat(Journal.parse(journal.text())).contains(journal);
        assertThat(Journal.parse(journal.text().replace(at(6_900).toString(), at(-301).toString())))
                .as("one that ends before it starts")
                .isEmpty();
    }

    private static Cause health(String id, Instant goneAt) {
        return new Cause(
                new InterruptionId(id), Kind.SCHEDULED_CHANGE, Effect.STOPS, NOON, NOON, Optional.of(goneAt), false);
    }

    private static Instant at(long seconds) {
        return NOON.plusSeconds(seconds);
    }
}
