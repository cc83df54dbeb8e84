package dev.glidepath.drain.gate;

import dev.glidepath.drain.budget.Budget;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Which entries pass, and what their answers change for the others. After each change whatever may pass is granted at once, and those
 * that are decided by it are kept until {@link #takeDecided}. No clock, no thread; guarded by the gate's lock.
 */
final class Grants {
    private final WaitingQueue waiting = new WaitingQueue();
    private final Throttle throttle;
    private final Shares shares;
    private final Reservations reservations = new Reservations();
    private final AnswerRate rate;
    private final List<Ticket> decided = new ArrayList<>();
    private long entered;
    private boolean closed;

    Grants(int mostInFlight, Instant now) {
        this.throttle = new Throttle(mostInFlight);
        this.shares = new Shares(mostInFlight);
        this.rate = new AnswerRate(now);
    }

    void yieldTo(BooleanSupplier others) {
        throttle.yieldTo(others);
    }

    boolean isAnyWaiting() {
        return !waiting.isEmpty();
    }

    double perSecond(Instant now) {
        return rate.perSecond(now);
    }

    int reserved(Budget.Id budget, Instant now) {
        reservations.removeOld(now);
        return reservations.reserved(budget);
    }

    Ticket enter(Gate.Entry entry, Instant now) {
        Ticket ticket = new Ticket(entry, ++entered, now);
        if (closed) {
            ticket.leave();
            decided.add(ticket);
        } else {
            waiting.add(ticket);
            reservations.add(ticket);
            grant(now);
        }
        return ticket;
    }

    void close(Instant now) {
        closed = true;
        waiting.all().forEach(ticket -> stopWaiting(ticket, now));
    }

    /** Takes note of what time alone has changed. */
    void look(Instant now) {
        waiting.callForTheLastTime(now);
        shares.forgetIdle(now);
        grant(now);
    }

    void seen(Budget budget, Instant now) {
        reservations.seen(budget);
        grant(now);
    }

    void forgotten(Budget.Id budget, Instant now) {
        reservations.forgotten(budget, now);
        grant(now);
    }

    void giveUp(Ticket ticket, Instant now) {
        if (ticket.isWaiting()) {
            stopWaiting(ticket, now);
            grant(now);
        }
    }

    /** Frees the place of an entry that has not left, without an answer. */
    void release(Ticket ticket, Instant now) {
        if (ticket.isItsTurn()) {
            free(ticket, now);
            ticket.leave();
            reservations.remove(ticket, now);
            grant(now);
        } else {
            giveUp(ticket, now);
        }
    }

    void leave(Ticket ticket, Answer answer, Instant now) {
        if (!ticket.isItsTurn()) {
            throw new IllegalStateException("only a granted entry that has not left can have an answer");
        }
        learn(ticket, answer, now);
        rate.answered();
        free(ticket, now);
        ticket.leaveAnswered(now);
        if (answer instanceof Answer.TakesRoom) {
            reservations.keepUntilCounted(ticket);
        } else {
            reservations.remove(ticket, now);
        }
        grant(now);
    }

    /** What to call for those decided since this was called last, as it is set now: what is set later is called at once. */
    List<Runnable> takeDecided() {
        if (decided.isEmpty()) {
            return List.of();
        }
        List<Runnable> calls = decided.stream().map(Ticket::whenDecided).toList();
        decided.clear();
        return calls;
    }

    private void stopWaiting(Ticket ticket, Instant now) {
        waiting.remove(ticket);
        ticket.leave();
        decided.add(ticket);
        reservations.remove(ticket, now);
    }

    private void learn(Ticket ticket, Answer answer, Instant now) {
        Share share = shares.of(ticket);
        Duration took = ticket.tookUntil(now);
        switch (answer) {
            case Answer.TakesRoom _, Answer.Other _ -> {
                throttle.answered();
                share.answered(took, waiting.hasOthersThan(ticket.share()));
            }
            case Answer.Failed _ -> {
                throttle.answered();
                share.failed(took, waiting.hasOthersThan(ticket.share()), now);
            }
            case Answer.Overloaded(Duration retryAfter) -> throttle.overloaded(ticket.grantNumber(), retryAfter, now);
            case Answer.TimedOut _ -> {
                share.unanswered(now);
                reservations.foughtOver(ticket, now);
            }
        }
    }

    /** Grants whatever may pass now. */
    private void grant(Instant now) {
        reservations.removeOld(now);
        // On these an entry with several budgets waits. It would never meet them all free at once if those behind took
        // each as it comes.
        Set<Budget.Id> awaited = new HashSet<>();
        boolean someWaitForTheirTurn = false;
        boolean lastCallsWaitForTheirShare = false;
        // The next one in a line is behind the first, and so still ahead of this walk.
        for (Optional<Ticket> next = waiting.first(); next.isPresent(); next = waiting.after(next.get())) {
            Ticket ticket = next.get();
            if (!ticket.isLastCall() && !reservations.haveRoom(ticket, awaited, now)) {
                if (ticket.budgets().size() > 1) {
                    awaited.addAll(ticket.budgets());
                }
            } else if (ticket.isLastCall() ? throttle.isFull() : throttle.isFullBeforeLastCalls(now)) {
                someWaitForTheirTurn = true;
            } else if (isInVain(ticket, now) || shares.of(ticket).hasPlace(throttle.inFlight())) {
                pass(ticket, now);
            } else if (ticket.isLastCall()) {
                lastCallsWaitForTheirShare = true;
            }
            if (someWaitForTheirTurn && (!waiting.hasLastCalls() || throttle.isFull())) {
                break; // none behind can pass
            }
        }
        rate.waiting((someWaitForTheirTurn && !throttle.isYielding()) || lastCallsWaitForTheirShare, now);
    }

    /** A last eviction that gets no answer, and that a deletion follows; one at a time is tried all the same. */
    private boolean isInVain(Ticket ticket, Instant now) {
        Share share = shares.of(ticket);
        return ticket.isLastCall()
                && ticket.share().request() == Gate.Request.EVICTION
                && share.hangs(now)
                && !share.isIdle();
    }

    private void pass(Ticket ticket, Instant now) {
        waiting.remove(ticket);
        boolean inVain = isInVain(ticket, now);
        ticket.grant(throttle.grant(), inVain, now);
        decided.add(ticket);
        if (!inVain) {
            shares.of(ticket).granted();
        }
        reservations.grant(ticket);
    }

    private void free(Ticket ticket, Instant now) {
        throttle.free();
        shares.free(ticket, now);
    }
}
