package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Action.Terms;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Blocked;
import dev.glidepath.departure.action.Outcome.Bound;
import dev.glidepath.departure.action.Outcome.Described;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.NotFound;
import dev.glidepath.departure.action.Outcome.NotNeeded;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.departure.action.Outcome.Overloaded;
import dev.glidepath.departure.action.Outcome.Refused;
import dev.glidepath.departure.action.Outcome.Renewed;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.snapshot.Attempt;
import dev.glidepath.departure.snapshot.Attempt.State.Done;
import dev.glidepath.departure.snapshot.Attempt.State.InFlight;
import dev.glidepath.departure.snapshot.Attempt.State.Waiting;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.plan.DrainPlan.Planned;
import dev.glidepath.drain.plan.Grace;
import dev.glidepath.drain.plan.Verdict;
import dev.glidepath.drain.pod.Pod.Owner.Controller;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What was requested of each pod, what was answered, and what follows for its next request. */
final class PodRequests {
    /** An eviction that takes longer (a webhook may) does not hold up those of lower priority. */
    static final Duration ANSWER_EXPECTED = Duration.ofSeconds(1);

    /** How long a yes is believed without a deletionTimestamp: a policy may have made a dry run of the request. */
    private static final Duration BELIEVED_FOR = Duration.ofSeconds(10);

    /** So far a watch may be behind before it is noticed. */
    private static final Duration UNSEEN_FOR = Duration.ofSeconds(30);

    /** How often a last eviction may fail without an answer about the pod before it counts as refused. */
    private static final int FAILURES_ARE_A_REFUSAL = 2;

    private final Attempts attempts;
    private final Set<String> calledOwners;
    private final Instant now;

    /**
     * @param calledOwners owners, by UID, of pods that had their last call and may have come back since
     */
    PodRequests(Attempts attempts, Set<String> calledOwners, Instant now) {
        this.attempts = attempts;
        this.calledOwners = calledOwners;
        this.now = now;
    }

    /** Whether a request is to be sent. After a yes there is none, unless it had no effect: a deletionTimestamp would be seen. */
    boolean isToBeAsked(Planned planned) {
        return planned.verdict().asks() && !cameBackForGood(planned) && !isBelieved(planned);
    }

    /** Whether a yes is so young that its effect may not be seen yet. */
    boolean isBelieved(Planned planned) {
        boolean isInVain = isAtLastCall(planned) && wasAskedAgain(planned) && !isDone(Delete.class, planned);
        return !isInVain && promises(planned).anyMatch(yes -> isYoung(yes, now));
    }

    /** Until when each yes is believed. */
    Stream<Instant> believedUntil(Planned planned) {
        return promises(planned).map(yes -> yes.since().plus(BELIEVED_FOR));
    }

    /** Whether a request that was answered with yes is the first of its pod, and so young that its effect may not be seen yet. */
    static boolean isCredible(Attempt promise, Instant now) {
        return isYoung(promise, now)
                && ((OnPod) promise.action()).terms().version().isEmpty();
    }

    private static boolean isYoung(Attempt promise, Instant now) {
        return now.isBefore(promise.since().plus(BELIEVED_FOR));
    }

    /** Whether some request was answered with yes. */
    boolean wasPromised(Planned planned) {
        return promises(planned).findAny().isPresent();
    }

    boolean isAtLastCall(Planned planned) {
        return planned.lastCall().filter(lastCall -> !now.isBefore(lastCall)).isPresent();
    }

    /** Whether it was evicted from this node before. */
    static boolean cameBack(Planned planned) {
        return planned.verdict() instanceof Verdict.CameBack;
    }

    /** Whether an eviction or a last call was answered, whatever the answer, or takes too long to wait for. */
    boolean isAnsweredOrSlow(Planned planned) {
        return isAnswered(Evict.class, planned) || isAnswered(LastCall.class, planned) || isSlow(planned);
    }

    boolean isAnswered(Class<? extends OnPod> kind, Planned planned) {
        return attempts.of(kind, planned.pod().ref())
                .filter(Attempt::wasAnswered)
                .isPresent();
    }

    boolean isInFlight(Class<? extends OnPod> kind, Planned planned) {
        return state(kind, planned) instanceof InFlight;
    }

    boolean isRefused(Class<? extends OnPod> kind, Planned planned) {
        return attempts.of(kind, planned.pod().ref())
                .filter(Attempt::wasAnswered)
                .filter(PodRequests::isRefusal)
                .isPresent();
    }

    private static boolean isRefusal(Attempt attempt) {
        return attempt.state() instanceof Waiting(var _, var _, Outcome outcome)
                && switch (outcome) {
                    case Blocked _, Refused _, Forbidden _ -> true;
                    case Retry _ -> attempt.tries() >= FAILURES_ARE_A_REFUSAL;
                    case Overloaded _,
                            Succeeded _,
                            NotNeeded _,
                            NotFound _,
                            Described _,
                            Bound _,
                            Renewed _,
                            NotSent _ -> false;
                };
    }

    /** The terms of its next request. */
    Terms terms(Planned planned, Instant urgency) {
        Grace grace = requests(planned)
                .map(this::promisedBy)
                .max(Comparator.naturalOrder())
                .map(planned.grace()::atLeast)
                .orElseGet(planned::grace);
        boolean isAskedAgain = wasPromised(planned) || wasAskedAgain(planned);
        return new Terms(
                urgency,
                planned.lastCall().orElse(Instant.MAX),
                grace,
                planned.standing().budgets().stream().map(Budget::id).collect(Collectors.toUnmodifiableSet()),
                isAskedAgain ? Optional.of(planned.pod().version()) : Optional.empty());
    }

    /** The grace that a pod was promised by this request, or may have been, or by one before it. */
    private Duration promisedBy(Attempt request) {
        Grace grace = ((OnPod) request.action()).terms().grace();
        return request.state() instanceof Done || mayHaveArrived(request)
                ? grace.sentAt(request.startedAt()).orElseGet(grace::own)
                : grace.least();
    }

    /** Whether its answer was missed so short a time ago that its effect, if it had any, may not be seen yet. */
    private boolean mayHaveArrived(Attempt request) {
        return request.state() instanceof Waiting(Instant since, var _, Retry _)
                && now.isBefore(since.plus(UNSEEN_FOR));
    }

    private boolean wasAskedAgain(Planned planned) {
        return requests(planned)
                .anyMatch(
                        request -> ((OnPod) request.action()).terms().version().isPresent());
    }

    private Stream<Attempt> promises(Planned planned) {
        return requests(planned).filter(attempt -> attempt.state() instanceof Done);
    }

    private Stream<Attempt> requests(Planned planned) {
        return Stream.of(Evict.class, LastCall.class, Delete.class)
                .flatMap(kind -> attempts.of(kind, planned.pod().ref()).stream());
    }

    private boolean cameBackForGood(Planned planned) {
        return cameBack(planned)
                && planned.pod().owner() instanceof Controller owner
                && calledOwners.contains(owner.uid());
    }

    private boolean isSlow(Planned planned) {
        return state(Evict.class, planned) instanceof InFlight(Instant since)
                && !now.isBefore(since.plus(ANSWER_EXPECTED));
    }

    private boolean isDone(Class<? extends OnPod> kind, Planned planned) {
        return state(kind, planned) instanceof Done;
    }

    private Attempt.@Nullable State state(Class<? extends OnPod> kind, Planned planned) {
        return attempts.of(kind, planned.pod().ref()).map(Attempt::state).orElse(null);
    }
}
