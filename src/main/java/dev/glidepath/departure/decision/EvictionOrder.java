package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.MarkDisrupted;
import dev.glidepath.departure.action.Action.Terms;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.plan.DrainPlan.AtLastCall;
import dev.glidepath.drain.plan.DrainPlan.Planned;
import dev.glidepath.drain.plan.Horizon;
import dev.glidepath.drain.plan.Wave;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The order of evictions: given the plan and what was requested before, which pods are asked now, which wait for their wave or
 * their budget, and which are called for the last time.
 */
final class EvictionOrder {
    private final DrainPlan plan;
    private final Horizon horizon;
    private final PodsRemaining podsRemaining;
    private final PodRequests requests;
    private final BudgetedEvictions evictions;
    private final PendingActions pending;
    private final Instant now;
    private final Instant urgency;

    /**
     * @param calledOwners owners, by UID, of pods that had their last call and may have come back since
     */
    EvictionOrder(
            DrainPlan plan,
            Horizon horizon,
            PodsRemaining podsRemaining,
            Set<String> calledOwners,
            Attempts attempts,
            PendingActions pending,
            Instant now) {
        this.plan = plan;
        this.horizon = horizon;
        this.podsRemaining = podsRemaining;
        this.requests = new PodRequests(attempts, calledOwners, now);
        this.evictions = new BudgetedEvictions(plan, attempts, pending, now);
        this.pending = pending;
        this.now = now;
        this.urgency = earliestLastCall();
    }

    /** Requests evictions wave by wave, while the waves before allow it; a pod at its last call goes, whatever its wave. */
    void take() {
        take(true);
    }

    /** Requests evictions of pods at their last call only: the others can wait for better times. */
    void takeLastCalls() {
        take(false);
    }

    private void take(boolean inTurn) {
        awaitPromises();
        List<Planned> pods = plan.pods();
        List<Planned> toBeAsked = pods.stream().filter(requests::isToBeAsked).toList();
        toBeAsked.stream().flatMap(planned -> planned.lastCall().stream()).forEach(pending::lookAgainAfter);
        toBeAsked.stream()
                .filter(planned -> inTurn || requests.isAtLastCall(planned))
                .forEach(this::keepWanted);
        int begin = 0;
        while (begin < pods.size()) {
            Wave wave = pods.get(begin).wave();
            int end = begin;
            while (end < pods.size() && pods.get(end).wave().equals(wave)) {
                end++;
            }
            List<Planned> before = pods.subList(0, begin);
            if (inTurn && wave.opens() == Wave.Opens.OTHERS_GONE_OR_SHARE_SPENT && !areGone(before)) {
                shareSpentAt(before).ifPresent(pending::lookAgainAfter);
            }
            take(pods.subList(begin, end), inTurn && isTurnOf(wave, before));
            begin = end;
        }
    }

    /** Calls each pod for the last time, whatever its wave and its budgets: the instance is going already. */
    void takeAllAtOnce() {
        awaitPromises();
        for (Planned planned : plan.pods()) {
            if (!requests.isToBeAsked(planned)) {
                continue;
            }
            keepWanted(planned);
            if (planned.atLastCall() == AtLastCall.STAY) {
                pending.repeatAt(now, evict(planned, Instant.MIN));
            } else {
                var _ = callForTheLastTime(planned);
            }
        }
    }

    /** Asks each pod once, so that others may take over, and waits for nothing: the node does not answer. */
    void askEachOnce() {
        awaitPromises();
        for (Planned planned : plan.pods()) {
            if (!requests.isToBeAsked(planned)) {
                continue;
            }
            keepWanted(planned);
            if (!PodRequests.cameBack(planned) && !requests.isRefused(Evict.class, planned)) {
                pending.request(evict(planned, urgency));
            }
        }
    }

    /** Whether each pod that is asked at all was answered, and has had its time to show it. */
    boolean areAllAnswered() {
        return plan.pods().stream()
                .filter(planned -> planned.verdict().asks() && !PodRequests.cameBack(planned))
                .allMatch(planned -> requests.isAnswered(Evict.class, planned) && !requests.isBelieved(planned));
    }

    /** A request of ours that waits for its turn is still wanted. */
    private void keepWanted(Planned planned) {
        pending.keepWanted(planned.pod().ref());
    }

    private boolean isTurnOf(Wave wave, List<Planned> before) {
        return switch (wave.opens()) {
            case OTHERS_ASKED -> areAsked(before);
            case OTHERS_GONE -> areGone(before);
            case OTHERS_GONE_OR_SHARE_SPENT -> areGone(before) || isTheirShareSpent(before);
            case VOLUMES_DETACHED -> areGone(before) && podsRemaining.volumesDetached();
        };
    }

    private boolean areGone(List<Planned> pods) {
        return pods.stream().noneMatch(podsRemaining::holds);
    }

    private boolean areAsked(List<Planned> pods) {
        return pods.stream().allMatch(this::isAskedOrHeldBack);
    }

    /** Empty waves cost nothing: only those that still have pods had a share. Without a deadline there is none to spend. */
    private boolean isTheirShareSpent(List<Planned> before) {
        return shareSpentAt(before).map(at -> !now.isBefore(at)).orElseGet(() -> areAsked(before));
    }

    private Optional<Instant> shareSpentAt(List<Planned> before) {
        if (!(horizon instanceof Horizon.Deadline deadline)) {
            return Optional.empty();
        }
        double shares = before.stream()
                .filter(podsRemaining::holds)
                .map(Planned::wave)
                .distinct()
                .mapToDouble(Wave::share)
                .sum();
        return Optional.of(
                deadline.start().plusMillis((long) (deadline.timeThereWas().toMillis() * shares)));
    }

    /** A lower priority is asked when each pod of the higher ones was asked or is held back by its budget. */
    private void take(List<Planned> wave, boolean itsTurn) {
        int asking = Integer.MIN_VALUE;
        for (Planned planned : wave) {
            if (!requests.isToBeAsked(planned)) {
                continue;
            }
            if (requests.isAtLastCall(planned)) {
                if (!callForTheLastTime(planned).isDone()) {
                    requestEviction(planned);
                }
            } else if (itsTurn && planned.goesInItsWave() && planned.pod().priority() >= asking) {
                requestEviction(planned);
                if (!isAskedOrHeldBack(planned)) {
                    asking = planned.pod().priority();
                    pending.lookAgainBy(now.plus(PodRequests.ANSWER_EXPECTED));
                }
            }
        }
    }

    private void requestEviction(Planned planned) {
        evictions.request(planned, evict(planned, urgency));
    }

    private boolean isAskedOrHeldBack(Planned planned) {
        return !planned.goesInItsWave() || evictions.isHeldBack(planned) || requests.isAnsweredOrSlow(planned);
    }

    /** Calls it for the last time, as far as that goes. Pending where it stays to be evicted as before. */
    private Progress callForTheLastTime(Planned planned) {
        if (planned.atLastCall() == AtLastCall.STAY) {
            return Progress.PENDING;
        }
        boolean isRefused = requests.isRefused(LastCall.class, planned);
        boolean deletes = planned.atLastCall() == AtLastCall.EVICT_THEN_DELETE;
        if (deletes && (isRefused || requests.wasPromised(planned))) {
            delete(planned);
            return Progress.DONE;
        }
        if (isRefused) {
            return Progress.PENDING;
        }
        if (!requests.isInFlight(Evict.class, planned)) {
            pending.repeatAt(now, new LastCall(planned.pod().ref(), termsOfLastCall(planned)));
        }
        return Progress.DONE;
    }

    /** Marks a Job's pod first, once; whether or not that works, deletes it. */
    private void delete(Planned planned) {
        Terms terms = termsOfLastCall(planned);
        boolean toBeMarked = planned.pod().ownedBy("Job") && !requests.isAnswered(MarkDisrupted.class, planned);
        pending.repeatAt(
                now,
                toBeMarked
                        ? new MarkDisrupted(planned.pod().ref(), terms)
                        : new Delete(planned.pod().ref(), terms));
    }

    /** Looks again when the effect of a yes should be seen, and at the last call of its pod. */
    private void awaitPromises() {
        for (Planned planned : plan.pods()) {
            if (planned.verdict().asks() && requests.wasPromised(planned)) {
                requests.believedUntil(planned).forEach(pending::lookAgainAfter);
                planned.lastCall().ifPresent(pending::lookAgainAfter);
            }
        }
    }

    private Evict evict(Planned planned, Instant urgent) {
        return new Evict(planned.pod().ref(), requests.terms(planned, urgent));
    }

    private Terms termsOfLastCall(Planned planned) {
        return requests.terms(planned, planned.lastCall().orElse(Instant.MIN));
    }

    private Instant earliestLastCall() {
        return plan.pods().stream()
                .flatMap(planned -> planned.lastCall().stream())
                .reduce(Instant.MAX, (one, other) -> one.isBefore(other) ? one : other);
    }
}
