package dev.glidepath.drain.gate;

import dev.glidepath.drain.budget.Budget;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/** One entry at the gate, and how far it has come. Guarded by the gate's lock. */
final class Ticket {
    private final Gate.Entry entry;
    private final long number;
    private final Share.Key share;
    private boolean lastCall;
    private State state = State.WAITING;
    private long grantNumber;
    private Instant grantedAt = Instant.MIN;
    private boolean inVain;
    private Instant answeredAt = Instant.MIN;
    private Runnable whenDecided = () -> {};

    private enum State {
        WAITING,
        GRANTED,
        LEFT
    }

    /**
     * @param number how many have entered so far, this one included
     */
    Ticket(Gate.Entry entry, long number, Instant now) {
        this.entry = entry;
        this.number = number;
        this.share = new Share.Key(entry.pod().namespace(), entry.request());
        this.lastCall = !now.isBefore(entry.lastCall());
    }

    Instant urgency() {
        return entry.urgency();
    }

    Instant lastCallAt() {
        return entry.lastCall();
    }

    Set<Budget.Id> budgets() {
        return entry.budgets();
    }

    String podName() {
        return entry.pod().name();
    }

    Share.Key share() {
        return share;
    }

    long number() {
        return number;
    }

    boolean isWaiting() {
        return state == State.WAITING;
    }

    /** Whether it is granted, and has not left. */
    boolean isItsTurn() {
        return state == State.GRANTED;
    }

    /** Whether its last call has come. */
    boolean isLastCall() {
        return lastCall;
    }

    /** Whether it is granted, but need not be sent. */
    boolean isInVain() {
        return inVain;
    }

    /** The number of its grant among all grants. */
    long grantNumber() {
        return grantNumber;
    }

    Instant answeredAt() {
        return answeredAt;
    }

    /** How long its request has been under way. */
    Duration tookUntil(Instant now) {
        return Duration.between(grantedAt, now);
    }

    Runnable whenDecided() {
        return whenDecided;
    }

    void callWhenDecided(Runnable then) {
        whenDecided = then;
    }

    void callForTheLastTime() {
        lastCall = true;
    }

    void grant(long grant, boolean notToBeSent, Instant now) {
        state = State.GRANTED;
        grantNumber = grant;
        grantedAt = now;
        inVain = notToBeSent;
    }

    void leave() {
        state = State.LEFT;
    }

    void leaveAnswered(Instant now) {
        state = State.LEFT;
        answeredAt = now;
    }
}
