package dev.glidepath.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.Journal.Hook;
import dev.glidepath.node.Journal.State;
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
    private static final SpotInterruption SPOT = new SpotInterruption(INSTANCE, NOON, SpotAction.TERMINATE);
    private static final AsgTermination ASG =
            new AsgTermination(new LifecycleAction("workers-a", "drain-hook", "token-1", INSTANCE), NOON);
    private static final Hook HOOK = new Hook(ASG.action(), NOON, NOON.plusSeconds(2));
    private static final Journal FRESH = Journal.open(Optional.empty(), NOON.plusSeconds(1));
    private static final Journal FULL = new Journal(
            State.OPEN,
            NOON.plusSeconds(1),
            Optional.of(new Term(NOON.plusSeconds(900), NOON.plusSeconds(2))),
            Optional.of(Duration.ofMinutes(20)),
            List.of(cause(SPOT), cause(ASG)),
            List.of(HOOK),
            Set.of(Change.TAINT, Change.UNSCHEDULABLE),
            List.of(new InterruptionId("asg-termination/token-0")));

    @Test
    void readsWhatItWrote() {
        assertThat(Journal.parse(FULL.text())).contains(FULL);
        assertThat(Journal.parse(FRESH.text())).contains(FRESH);
    }

    /** Written by one version and read by the next. */
    @Test
    void keepsTheFormItHasOnNodes() {
        assertThat(FULL.text())
                .isEqualTo(("{'state':'open','start':'2026-08-24T12:00:01Z','term':{"
                                + "'deadline':'2026-08-24T12:15:00Z','since':'2026-08-24T12:00:02Z'},"
                                + "'longestGrace':'PT20M','causes':["
                                + "{'id':'spot-interruption/i-0a1b2c3d4e5f60001/2026-08-24T12:00:00Z',"
                                + "'kind':'spot-interruption','noticedAt':'2026-08-24T12:00:00Z'},"
                                + "{'id':'asg-termination/token-1',"
                                + "'kind':'asg-termination','noticedAt':'2026-08-24T12:00:00Z'}],"
                                + "'hooks':[{'group':'workers-a','name':'drain-hook','token':'token-1',"
                                + "'instance':'i-0a1b2c3d4e5f60001','noticedAt':'2026-08-24T12:00:00Z',"
                                + "'firstReceivedAt':'2026-08-24T12:00:02Z'}],"
                                + "'changed':['unschedulable','taint'],'settled':['asg-termination/token-0']}")
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
                "{\"state\":\"open\"}",
                "{\"state\":\"open\",\"start\":\"today\"}",
                "{\"state\":\"half-open\",\"start\":\"2026-08-24T12:00:01Z\"}",
                "{\"state\":\"open\",\"start\":\"2026-08-24T12:00:01Z\",\"changed\":[\"labels\"]}",
                "{\"state\":\"open\",\"start\":\"2026-08-24T12:00:01Z\",\"causes\":[{\"id\":\"a\"}]}",
                "{\"state\":\"open\",\"start\":\"2026-08-24T12:00:01Z\",\"hooks\":[{\"instance\":\"web-0\"}]}"
            })
    void brokenTextIsNone(String text) {
        assertThat(Journal.parse(text)).isEmpty();
    }

    @Test
    void learnsACauseOnce() {
        Journal journal = FRESH.with(cause(SPOT));

        assertThat(journal.isLive(SPOT.id())).isTrue();
        assertThat(journal.isLive(ASG.id())).isFalse();
        assertThat(journal.with(cause(SPOT))).isEqualTo(journal);
        assertThat(journal.with(cause(ASG)).causes()).containsExactly(cause(SPOT), cause(ASG));
    }

    @Test
    void learnsAHookOnceAndKeepsWhenItWasFirstReceived() {
        Journal journal = FRESH.with(HOOK);
        Hook receivedAgain =
                new Hook(HOOK.action(), HOOK.noticedAt(), HOOK.firstReceivedAt().plusSeconds(60));

        assertThat(journal.with(receivedAgain)).isEqualTo(journal);
    }

    @Test
    void isSettledWithTheLastCause() {
        Journal settled = FULL.settle(Set.of(SPOT.id(), ASG.id()));

        assertThat(settled.state()).isEqualTo(State.SETTLED);
        assertThat(settled.causes()).isEmpty();
        assertThat(settled.hooks()).isEmpty();
        assertThat(settled.isSettled(SPOT.id())).isTrue();
        assertThat(settled.isSettled(ASG.id())).isTrue();
        assertThat(settled.isLive(SPOT.id())).isFalse();
        assertThat(settled.changed()).isEqualTo(FULL.changed());
        assertThat(settled.start()).isEqualTo(FULL.start());
    }

    @Test
    void staysOpenWhileAnotherCauseIsLive() {
        Journal left = FULL.settle(Set.of(SPOT.id()));

        assertThat(left.state()).isEqualTo(State.OPEN);
        assertThat(left.causes()).containsExactly(cause(ASG));
        assertThat(left.hooks()).containsExactly(HOOK);
        assertThat(left.isSettled(SPOT.id())).isTrue();
        assertThat(left.isLive(ASG.id())).isTrue();
    }

    @Test
    void owesNoHookOfACauseThatIsPaid() {
        Journal left = FULL.settle(Set.of(ASG.id()));

        assertThat(left.state()).isEqualTo(State.OPEN);
        assertThat(left.causes()).containsExactly(cause(SPOT));
        assertThat(left.hooks()).isEmpty();
    }

    @Test
    void settlesOnlyWhatItKnows() {
        assertThat(FRESH.with(cause(SPOT)).settle(Set.of(ASG.id())).isSettled(ASG.id()))
                .isFalse();
    }

    @Test
    void forgetsTheOldestOfManySettled() {
        List<InterruptionId> ids = IntStream.range(0, Journal.MOST_SETTLED + 1)
                .mapToObj(number -> new InterruptionId("asg-termination/" + number))
                .toList();
        Journal journal = new Journal(
                State.SETTLED, NOON, Optional.empty(), Optional.empty(), List.of(), List.of(), Set.of(), ids);

        assertThat(journal.settled()).isEqualTo(ids.subList(1, ids.size()));
    }

    @Test
    void goesOnWithAnOpenDeparture() {
        assertThat(Journal.open(Optional.of(FULL), NOON.plusSeconds(99))).isEqualTo(FULL);
    }

    @Test
    void anewDepartureRemembersWhatAnEarlierOneChangedAndSettled() {
        Journal earlier = FULL.settle(Set.of(SPOT.id(), ASG.id()));
        Journal anew = Journal.open(Optional.of(earlier), NOON.plusSeconds(99));

        assertThat(anew)
                .isEqualTo(new Journal(
                        State.OPEN,
                        NOON.plusSeconds(99),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        earlier.changed(),
                        earlier.settled()));
    }

    private static Cause cause(Interruption interruption) {
        return new Cause(interruption.id(), interruption.kind(), interruption.noticedAt());
    }
}
