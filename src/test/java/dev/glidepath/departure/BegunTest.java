package dev.glidepath.departure;

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

/** What becomes of an act that was allowed when it was decided, and whose turn comes later. */
class BegunTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final PodRef POD = new PodRef("shop", "web", "uid-of-web");
    private static final Evict EVICT =
            new Evict(POD, new Terms(Instant.MAX, Instant.MAX, new Grace(ofSeconds(30), Optional.empty()), Set.of()));
    private static final Heartbeat HEARTBEAT =
            new Heartbeat(new LifecycleAction("workers", "drain", "token", new InstanceId("i-0a1b2c3d4e5f60001")));

    private Instant now = NOON;
    private Instant mayActUntil = NOON.plusSeconds(10);
    private final AtomicInteger sent = new AtomicInteger();
    private final Authority authority = new Authority(() -> mayActUntil, () -> now);
    private final Gate gate = new Gate(1, () -> now);
    private final Gate.Place inFront = gate.enter(new Gate.Entry(
            Gate.Request.EVICTION, new PodRef("shop", "api", "uid-of-api"), NOON, Instant.MAX, Set.of()));

    @Test
    void isSentWhenItsTurnComes() throws InterruptedException {
        Begun begun = atTheGate();
        inFront.leave(new Gone());

        assertThat(begun.carryOut()).isEqualTo(new Succeeded());
        assertThat(sent).hasValue(1);
    }

    @Test
    void isNotSentOnceTheLeaseHasLapsed() throws InterruptedException {
        Begun begun = atTheGate();
        now = mayActUntil;
        inFront.leave(new Gone());

        assertThat(begun.carryOut()).isEqualTo(new NotSent("the Lease is not renewed"));
        assertThat(sent).hasValue(0);
        assertTheGateIsFree();
    }

    @Test
    void isSentWhereTheLeaseWasRenewedMeanwhile() throws InterruptedException {
        Begun begun = atTheGate();
        now = mayActUntil;
        mayActUntil = now.plusSeconds(5);
        inFront.leave(new Gone());

        assertThat(begun.carryOut()).isEqualTo(new Succeeded());
    }

    @Test
    void isNotSentOnceItIsGivenUp() throws InterruptedException {
        Begun begun = atTheGate();
        begun.giveUp();

        assertThat(begun.carryOut()).isEqualTo(new NotSent("it is wanted no more"));
        inFront.leave(new Gone());
        assertThat(sent).hasValue(0);
        assertTheGateIsFree();
    }

    @Test
    void isNotSentWhenItIsGivenUpBetweenItsTurnAndItsRequest() throws InterruptedException {
        Begun begun = atTheGate();
        inFront.leave(new Gone());
        begun.giveUp();

        assertThat(begun.carryOut()).isEqualTo(new NotSent("it is wanted no more"));
        assertThat(sent).hasValue(0);
        assertTheGateIsFree();
    }

    @Test
    void isNotSentOnceTheProgramStops() throws InterruptedException {
        Begun begun = atTheGate();
        authority.end();
        gate.close();

        assertThat(begun.carryOut()).isEqualTo(new NotSent("the program stops"));
        assertThat(sent).hasValue(0);
    }

    @Test
    void heartbeatsGoOnWithoutALeaseUntilTheProgramStops() throws InterruptedException {
        now = mayActUntil;

        assertThat(atOnce(HEARTBEAT).carryOut()).isEqualTo(new Succeeded());
        assertThat(atOnce(EVICT).carryOut()).isEqualTo(new NotSent("the Lease is not renewed"));
        authority.end();
        assertThat(atOnce(HEARTBEAT).carryOut()).isEqualTo(new NotSent("the program stops"));
    }

    private Begun atTheGate() {
        Gate.Place place = gate.enter(new Gate.Entry(Gate.Request.EVICTION, POD, NOON, Instant.MAX, Set.of()));
        return Begun.at(place, () -> authority.objectionTo(EVICT), this::send);
    }

    private Begun atOnce(Action action) {
        return Begun.atOnce(() -> authority.objectionTo(action), this::send);
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
