package dev.glidepath.departure.execution;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.Terms;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.drain.eviction.EvictionOutcome.Gone;
import dev.glidepath.drain.gate.Gate;
import dev.glidepath.drain.plan.Grace;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleAction;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What becomes of an action that was allowed when it was decided, and whose turn comes later. */
class BegunActionTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final PodRef POD = new PodRef("shop", "web", "uid-of-web");
    private static final Evict EVICT =
            new Evict(POD, new Terms(Instant.MAX, Instant.MAX, new Grace(ofSeconds(30), Optional.empty()), Set.of()));
    private static final InstanceId WORKER = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final Heartbeat HEARTBEAT = new Heartbeat(new LifecycleAction("workers", "drain", "token", WORKER));

    private Instant now = NOON;
    private Instant mayActUntil = NOON.plusSeconds(10);
    private final AtomicInteger sent = new AtomicInteger();
    private final Authority authority = new Authority(() -> mayActUntil, () -> now);
    private final Gate gate = new Gate(1, () -> now);
    private final Gate.Place inFront = gate.enter(new Gate.Entry(
            Gate.Request.EVICTION, new PodRef("shop", "api", "uid-of-api"), NOON, Instant.MAX, Set.of()));

    @Test
    void isSentWhenItsTurnComes() {
        BegunAction begun = atTheGate();
        inFront.leave(new Gone());

        assertThat(begun.execute()).isEqualTo(new Succeeded());
        assertThat(sent).hasValue(1);
    }

    @Test
    void isNotSentOnceTheLeaseHasLapsed() {
        BegunAction begun = atTheGate();
        now = mayActUntil;
        inFront.leave(new Gone());

        assertThat(begun.execute()).isEqualTo(new NotSent("the Lease is not renewed"));
        assertThat(sent).hasValue(0);
        assertTheGateIsFree();
    }

    @Test
    void isSentWhereTheLeaseWasRenewedMeanwhile() {
        BegunAction begun = atTheGate();
        now = mayActUntil;
        mayActUntil = now.plusSeconds(5);
        inFront.leave(new Gone());

        assertThat(begun.execute()).isEqualTo(new Succeeded());
    }

    @Test
    void isNotSentOnceItIsGivenUp() {
        BegunAction begun = atTheGate();
        begun.giveUp();

        assertThat(begun.execute()).isEqualTo(new NotSent("it is wanted no more"));
        inFront.leave(new Gone());
        assertThat(sent).hasValue(0);
        assertTheGateIsFree();
    }

    @Test
    void isNotSentWhenItIsGivenUpBetweenItsTurnAndItsRequest() {
        BegunAction begun = atTheGate();
        inFront.leave(new Gone());
        begun.giveUp();

        assertThat(begun.execute()).isEqualTo(new NotSent("it is wanted no more"));
        assertThat(sent).hasValue(0);
        assertTheGateIsFree();
    }

    @Test
    void isNotSentOnceTheProgramStops() {
        BegunAction begun = atTheGate();
        authority.end();
        gate.close();

        assertThat(begun.execute()).isEqualTo(new NotSent("the program stops"));
        assertThat(sent).hasValue(0);
    }

    @Test
    void heartbeatsGoOnWithoutALeaseUntilTheProgramStops() {
        now = mayActUntil;

        assertThat(atOnce(HEARTBEAT).execute()).isEqualTo(new Succeeded());
        assertThat(atOnce(EVICT).execute()).isEqualTo(new NotSent("the Lease is not renewed"));
        authority.end();
        assertThat(atOnce(HEARTBEAT).execute()).isEqualTo(new NotSent("the program stops"));
    }

    private BegunAction atTheGate() {
        Gate.Place place = gate.enter(new Gate.Entry(Gate.Request.EVICTION, POD, NOON, Instant.MAX, Set.of()));
        return BegunAction.at(place, EVICT, WORKER, () -> authority.objectionTo(EVICT), this::send);
    }

    private BegunAction atOnce(Action action) {
        return BegunAction.atOnce(action, WORKER, () -> authority.objectionTo(action), this::send);
    }

    private Outcome send() {
        sent.incrementAndGet();
        return new Succeeded();
    }

    private void assertTheGateIsFree() {
        assertThat(gate.enter(new Gate.Entry(Gate.Request.EVICTION, POD, NOON, Instant.MAX, Set.of()))
                        .isItsTurn())
                .isTrue();
    }
}
