package dev.glidepath.departure;

import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.drain.gate.Gate;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An act that has its place in the order of things, and is carried out when its turn has come. Here, in the moment before it is
 * sent and for every act alike, it is asked whether it is still wanted and still allowed.
 */
final class Begun {
    private final Gate.@Nullable Place place;
    private final Supplier<Optional<String>> objection;
    private final Request request;
    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

    private enum State {
        WAITING,
        SENT,
        GIVEN_UP
    }

    /** What is sent. */
    @FunctionalInterface
    interface Request {
        Outcome send() throws InterruptedException;
    }

    private Begun(Gate.@Nullable Place place, Supplier<Optional<String>> objection, Request request) {
        this.place = place;
        this.objection = objection;
        this.request = request;
    }

    /**
     * One that waits for nobody.
     *
     * @param objection why it may not be sent, asked right before it is; empty when it may
     */
    static Begun atOnce(Supplier<Optional<String>> objection, Request request) {
        return new Begun(null, objection, request);
    }

    /**
     * One that waits for its turn.
     *
     * @param place that it has at the gate; freed when it has been carried out
     * @param objection why it may not be sent, asked right before it is; empty when it may
     */
    static Begun at(Gate.Place place, Supplier<Optional<String>> objection, Request request) {
        return new Begun(place, objection, request);
    }

    /** It is wanted no more: unless it was sent before, it will not be. */
    void giveUp() {
        if (state.compareAndSet(State.WAITING, State.GIVEN_UP) && place != null) {
            place.giveUp();
        }
    }

    /**
     * Once only.
     *
     * @param then called when its turn has come, or never will: here, if that is known by now
     */
    void onTurn(Runnable then) {
        if (place == null) {
            then.run();
        } else {
            place.onDecided(then);
        }
    }

    /** Sends it, unless its turn has not come, it was given up, or it is not allowed any more. Once only. */
    Outcome carryOut() throws InterruptedException {
        try (place) {
            boolean itsTurn = place == null || place.isItsTurn();
            if (!state.compareAndSet(State.WAITING, State.SENT)) {
                return new NotSent("it is wanted no more");
            }
            Optional<String> why = objection.get();
            if (why.isPresent()) {
                return new NotSent(why.get());
            }
            return itsTurn ? request.send() : new NotSent("the gate is closed");
        }
    }
}
