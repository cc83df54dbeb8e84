package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.HeldEviction;
import dev.glidepath.departure.action.HeldEviction.Reason;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Blocked;
import dev.glidepath.departure.action.Outcome.Refused;
import dev.glidepath.departure.snapshot.Attempt;
import dev.glidepath.departure.snapshot.Attempt.State.InFlight;
import dev.glidepath.departure.snapshot.Attempt.State.Waiting;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.plan.DrainPlan.Planned;
import dev.glidepath.drain.plan.Standing;
import dev.glidepath.drain.pod.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Evictions within budgets: as many are requested as each budget allows, as far as can be seen; the others are held back. As what
 * is seen may be stale, one of them is requested now and then.
 */
final class BudgetedEvictions {
    /** How long a budget that shows no room is believed: its watch may be stuck. */
    private static final Duration PROBE_AFTER = Duration.ofSeconds(30);

    private static final int PROBE_JITTER_MILLIS = 6_000;

    private final DrainPlan plan;
    private final Attempts attempts;
    private final PendingActions pending;
    private final Instant now;
    private final Map<Budget.Id, Integer> roomLeft = new HashMap<>();
    private final Map<Budget.Id, Instant> probeAt = new HashMap<>();
    private final Set<PodRef> heldBack = new HashSet<>();

    BudgetedEvictions(DrainPlan plan, Attempts attempts, PendingActions pending, Instant now) {
        this.plan = plan;
        this.attempts = attempts;
        this.pending = pending;
        this.now = now;
    }

    /** Requests the eviction of a pod, or holds it back. */
    void request(Planned planned, Evict evict) {
        Optional<Attempt> before = attempts.of(evict);
        if (before.isPresent() && before.get().state() instanceof InFlight(Instant since)) {
            pending.lookAgainAfter(since.plus(PodRequests.ANSWER_EXPECTED));
            return;
        }
        switch (planned.standing()) {
            case Standing.Free _, Standing.Several _ -> request(evict, wasRefusedUnderOthers(evict, before));
            case Standing.Room(Budget budget) -> requestWithin(budget, evict, before);
            case Standing.Full(Budget budget, boolean unhealthy) ->
                holdBack(evict, budget, before, unhealthy ? Reason.UNHEALTHY_PODS : Reason.NO_ROOM);
            case Standing.Stale(Budget budget) -> holdBack(evict, budget, before, Reason.STALE);
        }
    }

    /** Whether it has been held back so far in this decision. */
    boolean isHeldBack(Planned planned) {
        return heldBack.contains(planned.pod().ref());
    }

    /** As many as are allowed; one that was refused before waits until the budget has changed since. */
    private void requestWithin(Budget budget, Evict evict, Optional<Attempt> before) {
        int left = roomLeft.getOrDefault(budget.id(), budget.allowed());
        if (left == 0) {
            holdBack(evict, budget, before, Reason.IN_USE);
            return;
        }
        roomLeft.put(budget.id(), left - 1);
        boolean hasGainedRoom = before.isPresent()
                && before.get().state() instanceof Waiting(Instant since, var _, Blocked _)
                && (before.get().tries() == 0 || budget.seenAt().isAfter(since));
        request(evict, hasGainedRoom || wasRefusedUnderOthers(evict, before));
    }

    /** After a refusal it waits for a while, unless what refused it holds it back no more. */
    private void request(Evict evict, boolean atOnce) {
        if (atOnce) {
            pending.startAt(now, evict);
        } else {
            pending.repeatAt(now, evict);
        }
    }

    /**
     * Whether it was refused, or held back, while other budgets covered the pod than do now: one is gone or has another selector, or
     * the pod has other labels. That refusal says nothing about now.
     */
    private static boolean wasRefusedUnderOthers(Evict evict, Optional<Attempt> before) {
        return before.isPresent()
                && before.get().state() instanceof Waiting(var _, var _, Outcome outcome)
                && (outcome instanceof Blocked || outcome instanceof Refused)
                && before.get().action() instanceof Evict refused
                && !refused.terms().budgets().equals(evict.terms().budgets());
    }

    private void holdBack(Evict evict, Budget budget, Optional<Attempt> before, Reason reason) {
        heldBack.add(evict.pod());
        pending.holdBack(
                new HeldEviction(evict, budget.id(), reason, budget.health().toString()));
        if (before.isPresent()) {
            Instant at = probeAt.computeIfAbsent(budget.id(), _ -> nextProbe(budget));
            if (now.isBefore(at)) {
                pending.lookAgainBy(at);
            } else if (isLongestHeldBack(evict, budget)) {
                pending.startAt(now, evict);
            }
        }
    }

    private Instant nextProbe(Budget budget) {
        Instant latest = attemptsUnder(budget)
                .map(Attempt::since)
                .reduce(budget.seenAt(), (one, other) -> one.isAfter(other) ? one : other);
        int jitter = Math.floorMod(budget.id().hashCode(), PROBE_JITTER_MILLIS);
        return latest.plus(PROBE_AFTER).plusMillis(jitter);
    }

    private boolean isLongestHeldBack(Evict evict, Budget budget) {
        return attemptsUnder(budget)
                .filter(attempt -> attempt.state() instanceof Waiting)
                .min(Comparator.comparing(Attempt::since))
                .filter(attempt -> attempt.action().key().equals(evict.key()))
                .isPresent();
    }

    private Stream<Attempt> attemptsUnder(Budget budget) {
        return plan.pods().stream()
                .filter(planned -> planned.standing().budgets().stream()
                        .anyMatch(other -> other.id().equals(budget.id())))
                .flatMap(planned -> attempts.of(Evict.class, planned.pod().ref()).stream());
    }
}
