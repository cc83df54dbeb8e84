package dev.glidepath.departure.execution;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.drain.gate.Gate;
import dev.glidepath.event.InstanceId;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * An action that has its place in the order of things, and is executed when its turn has come. Here, in the moment before it is sent
 * and for every action alike, it is checked whether it is still wanted and still allowed.
 */
public final class BegunAction {
    private static final Logger LOG = Logger.getLogger(BegunAction.class);

    private final Action action;
    private final InstanceId instance;
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

    private BegunAction(
            Action action,
            InstanceId instance,
            Gate.@Nullable Place place,
            Supplier<Optional<String>> objection,
            Request request) {
        this.action = action;
        this.instance = instance;
        this.place = place;
        this.objection = objection;
        this.request = request;
    }

    /**
     * One that waits for no turn.
     *
     * @param instance that it is begun for
     * @param objection why it may not be sent, asked right before it is; empty when it may
     */
    static BegunAction atOnce(
            Action action, InstanceId instance, Supplier<Optional<String>> objection, Request request) {
        return new BegunAction(action, instance, null, objection, request);
    }

    /**
     * One that waits for its turn.
     *
     * @param place that it has at the gate; freed when it has been executed
     * @param instance that it is begun for
     * @param objection why it may not be sent, asked right before it is; empty when it may
     */
    static BegunAction at(
            Gate.Place place,
            Action action,
            InstanceId instance,
            Supplier<Optional<String>> objection,
            Request request) {
        return new BegunAction(action, instance, place, objection, request);
    }

    /** It is wanted no more: unless it was sent before, it will not be. */
    public void giveUp() {
        if (state.compareAndSet(State.WAITING, State.GIVEN_UP) && place != null) {
            place.giveUp();
        }
    }

    /**
     * Once only.
     *
     * @param then called when its turn has come, or never will: here, if that is known by now
     */
    public void onTurn(Runnable then) {
        if (place == null) {
            then.run();
        } else {
            place.onDecided(then);
        }
    }

    /**
     * Sends it, on the calling thread, unless its turn has not come, it was given up, or it is not allowed any more. Once only. Always
     * comes back with an outcome, whatever is thrown, within the timeout of its request.
     */
    public Outcome execute() {
        try {
            return sendIfAllowed();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return new Retry("interrupted");
        } catch (RuntimeException | Error unforeseen) { // whatever it is, the departure must hear of it
            LOG.errorf(unforeseen, "%s for %s met something unforeseen", action.label(), instance);
            return new Retry("unforeseen: " + unforeseen);
        }
    }

    private Outcome sendIfAllowed() throws InterruptedException {
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
