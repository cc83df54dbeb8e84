package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.Delete;
import dev.glidepath.departure.decision.Act.Evict;
import dev.glidepath.departure.decision.Act.LastCall;
import dev.glidepath.departure.decision.Act.MarkDisrupted;
import dev.glidepath.departure.decision.Act.OnPod;
import dev.glidepath.departure.decision.Act.Terms;
import dev.glidepath.departure.decision.Attempt.State.Done;
import dev.glidepath.departure.decision.Attempt.State.InFlight;
import dev.glidepath.departure.decision.Attempt.State.Waiting;
import dev.glidepath.departure.decision.Decision.Held;
import dev.glidepath.departure.decision.Decision.Held.Reason;
import dev.glidepath.departure.decision.Outcome.Blocked;
import dev.glidepath.departure.decision.Outcome.Bound;
import dev.glidepath.departure.decision.Outcome.Denied;
import dev.glidepath.departure.decision.Outcome.Described;
import dev.glidepath.departure.decision.Outcome.Landed;
import dev.glidepath.departure.decision.Outcome.Moot;
import dev.glidepath.departure.decision.Outcome.NotFound;
import dev.glidepath.departure.decision.Outcome.NotSent;
import dev.glidepath.departure.decision.Outcome.Overloaded;
import dev.glidepath.departure.decision.Outcome.Refused;
import dev.glidepath.departure.decision.Outcome.Renewed;
import dev.glidepath.departure.decision.Outcome.TryAgain;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.plan.DrainPlan.AtLastCall;
import dev.glidepath.drain.plan.DrainPlan.Planned;
import dev.glidepath.drain.plan.Grace;
import dev.glidepath.drain.plan.Horizon;
import dev.glidepath.drain.plan.Standing;
import dev.glidepath.drain.plan.Verdict;
import dev.glidepath.drain.plan.Wave;
import dev.glidepath.drain.pod.Pod.Owner.Controller;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is: given the plan and what was tried, which pods are asked now, which wait for their budgets, and which are
 * called for the last time.
 */
final class Turns {
    /** An eviction that takes longer (a webhook may) does not hold up those of lower priority. */
    private static final Duration ANSWER_EXPECTED = Duration.ofSeconds(1);

    /** How long a budget that shows no room is taken at its word: what we watch may be stuck. */
    private static final Duration PROBE_AFTER = Duration.ofSeconds(30);

    private static final int PROBE_JITTER_MILLIS = 6_000;

    /** How long a yes is believed without a deletionTimestamp: a policy may have made a dry run of the request. */
    private static final Duration BELIEVED_FOR = Duration.ofSeconds(10);

    /** So far a watch may be behind before anybody takes notice. */
    private static final Duration UNSEEN_FOR = Duration.ofSeconds(30);

    /** How often a last eviction may fail without a word about the pod before it counts as refused. */
    private static final int FAILURES_ARE_A_REFUSAL = 2;

    private final DrainPlan plan;
    private final Horizon horizon;
    private final Presence presence;
    private final Set<String> calledOwners;
    private final Attempts attempts;
    private final Agenda agenda;
    private final Instant now;
    private final Instant urgency;
    private final Map<Budget.Id, Integer> roomLeft = new HashMap<>();
    private final Map<Budget.Id, Instant> probeAt = new HashMap<>();

    /**
     * @param calledOwners owners, by UID, of pods that had their last call and may have come back since
     */
    Turns(
            DrainPlan plan,
            Horizon horizon,
            Presence presence,
            Set<String> calledOwners,
            Attempts attempts,
            Agenda agenda,
            Instant now) {
        this.plan = plan;
        this.horizon = horizon;
        this.presence = presence;
        this.calledOwners = calledOwners;
        this.attempts = attempts;
        this.agenda = agenda;
        this.now = now;
        this.urgency = earliestLastCall();
    }

    /** Wave by wave, while the waves before allow it; a pod at its last call goes, whatever its wave. */
    void take() {
        take(true);
    }

    /** Only who is at its last call: the others can wait for better times. */
    void takeLastCalls() {
        take(false);
    }

    private void take(boolean inTurn) {
        lookAfterPromises();
        List<Planned> pods = plan.pods();
        List<Planned> toBeAsked = pods.stream().filter(this::isToBeAsked).toList();
        toBeAsked.stream().flatMap(planned -> planned.lastCall().stream()).forEach(agenda::lookAgainAfter);
        toBeAsked.stream().filter(planned -> inTurn || isAtLastCall(planned)).forEach(this::goOnWith);
        int begin = 0;
        while (begin < pods.size()) {
            Wave wave = pods.get(begin).wave();
            int end = begin;
            while (end < pods.size() && pods.get(end).wave().equals(wave)) {
                end++;
            }
            List<Planned> before = pods.subList(0, begin);
            if (inTurn && wave.opens() == Wave.Opens.OTHERS_GONE_OR_SHARE_SPENT && !areGone(before)) {
                shareSpentAt(before).ifPresent(agenda::lookAgainAfter);
            }
            take(pods.subList(begin, end), inTurn && isTurnOf(wave, before));
            begin = end;
        }
    }

    /** The machine is going already: each is called, whatever its wave and its budgets. */
    void takeAllAtOnce() {
        lookAfterPromises();
        for (Planned planned : plan.pods()) {
            if (!isToBeAsked(planned)) {
                continue;
            }
            goOnWith(planned);
            if (planned.atLastCall() == AtLastCall.STAY) {
                agenda.repeatAt(now, evict(planned, Instant.MIN));
            } else {
                call(planned);
            }
        }
    }

    /** The node does not answer: each is asked once, so that others may take over, and nothing is waited for. */
    void askEachOnce() {
        lookAfterPromises();
        for (Planned planned : plan.pods()) {
            if (!isToBeAsked(planned)) {
                continue;
            }
            goOnWith(planned);
            if (!cameBack(planned) && !isRefused(Evict.class, planned)) {
                agenda.owe(evict(planned, urgency));
            }
        }
    }

    /** Whether each pod that is asked at all was answered, and has had its time to show it. */
    boolean allAnswered() {
        return plan.pods().stream()
                .filter(planned -> planned.verdict().asks() && !cameBack(planned))
                .allMatch(planned -> isAnswered(Evict.class, planned) && !isBelieved(planned));
    }

    /** A request of ours that waits for its turn is still wanted. */
    private void goOnWith(Planned planned) {
        agenda.goOnWith(planned.pod().ref());
    }

    private boolean isTurnOf(Wave wave, List<Planned> before) {
        return switch (wave.opens()) {
            case OTHERS_ASKED -> areAsked(before);
            case OTHERS_GONE -> areGone(before);
            case OTHERS_GONE_OR_SHARE_SPENT -> areGone(before) || isTheirShareSpent(before);
            case VOLUMES_DETACHED -> areGone(before) && presence.volumesDetached();
        };
    }

    private boolean areGone(List<Planned> pods) {
        return pods.stream().noneMatch(presence::holds);
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
                .filter(presence::holds)
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
            if (!isToBeAsked(planned)) {
                continue;
            }
            if (isAtLastCall(planned)) {
                if (!call(planned)) {
                    ask(planned);
                }
            } else if (itsTurn && planned.goesInItsWave() && planned.pod().priority() >= asking) {
                ask(planned);
                if (!isAskedOrHeldBack(planned)) {
                    asking = planned.pod().priority();
                    agenda.lookAgainBy(now.plus(ANSWER_EXPECTED));
                }
            }
        }
    }

    private void ask(Planned planned) {
        Evict evict = evict(planned, urgency);
        Optional<Attempt> before = attempts.of(evict);
        if (before.isPresent() && before.get().state() instanceof InFlight(Instant since)) {
            agenda.lookAgainAfter(since.plus(ANSWER_EXPECTED));
            return;
        }
        switch (planned.standing()) {
            case Standing.Free _, Standing.Several _ -> askAgain(evict, wasRefusedUnderOthers(evict, before));
            case Standing.Room(Budget budget) -> askWithin(budget, evict, before);
            case Standing.Full(Budget budget, boolean unhealthy) ->
                holdBack(evict, budget, before, unhealthy ? Reason.UNHEALTHY_PODS : Reason.NO_ROOM);
            case Standing.Stale(Budget budget) -> holdBack(evict, budget, before, Reason.STALE);
        }
    }

    /** As many as there is room for; who was refused before waits until the budget has changed since. */
    private void askWithin(Budget budget, Evict evict, Optional<Attempt> before) {
        int left = roomLeft.getOrDefault(budget.id(), budget.allowed());
        if (left == 0) {
            holdBack(evict, budget, before, Reason.IN_USE);
            return;
        }
        roomLeft.put(budget.id(), left - 1);
        boolean hasGainedRoom = before.isPresent()
                && before.get().state() instanceof Waiting(Instant since, var _, Blocked _)
                && (before.get().tries() == 0 || budget.seenAt().isAfter(since));
        askAgain(evict, hasGainedRoom || wasRefusedUnderOthers(evict, before));
    }

    /** Who was refused waits for a while, unless what refused it holds it back no more. */
    private void askAgain(Evict evict, boolean atOnce) {
        if (atOnce) {
            agenda.startAt(now, evict);
        } else {
            agenda.repeatAt(now, evict);
        }
    }

    /**
     * Whether it was refused, or held back, while other budgets covered it than do now: one is gone or has another selector, or the
     * pod has other labels. What was said then says nothing of now.
     */
    private static boolean wasRefusedUnderOthers(Evict evict, Optional<Attempt> before) {
        return before.isPresent()
                && before.get().state() instanceof Waiting(var _, var _, Outcome outcome)
                && (outcome instanceof Blocked || outcome instanceof Refused)
                && before.get().act() instanceof Evict refused
                && !refused.terms().budgets().equals(evict.terms().budgets());
    }

    /** Nobody is asked for what can be seen; but now and then one is, for what is seen may be stale. */
    private void holdBack(Evict evict, Budget budget, Optional<Attempt> before, Reason reason) {
        agenda.holdBack(new Held(evict, budget.id(), reason, budget.health().toString()));
        if (before.isPresent()) {
            Instant at = probeAt.computeIfAbsent(budget.id(), _ -> nextProbe(budget));
            if (now.isBefore(at)) {
                agenda.lookAgainBy(at);
            } else if (isLongestHeldBack(evict, budget)) {
                agenda.startAt(now, evict);
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
                .filter(attempt -> attempt.act().key().equals(evict.key()))
                .isPresent();
    }

    private Stream<Attempt> attemptsUnder(Budget budget) {
        return plan.pods().stream()
                .filter(planned -> planned.standing().budgets().stream()
                        .anyMatch(other -> other.id().equals(budget.id())))
                .flatMap(planned -> attempts.of(Evict.class, planned.pod().ref()).stream());
    }

    /** Calls it for the last time, as far as that goes. Returns whether that has it in hand; if not, it is asked as before. */
    private boolean call(Planned planned) {
        if (planned.atLastCall() == AtLastCall.STAY) {
            return false;
        }
        boolean deletes = planned.atLastCall() == AtLastCall.EVICT_THEN_DELETE;
        if (deletes && (isRefused(LastCall.class, planned) || wasPromised(planned))) {
            delete(planned);
            return true;
        }
        if (!isRefused(LastCall.class, planned)) {
            if (!isInFlight(Evict.class, planned)) {
                agenda.repeatAt(now, new LastCall(planned.pod().ref(), terms(planned, lastCallOf(planned))));
            }
            return true;
        }
        return false;
    }

    /** A Job's pod is marked first, once; whether or not that works, it is deleted. */
    private void delete(Planned planned) {
        Terms terms = terms(planned, lastCallOf(planned));
        boolean toBeMarked = planned.pod().ownedBy("Job") && !isAnswered(MarkDisrupted.class, planned);
        agenda.repeatAt(
                now,
                toBeMarked
                        ? new MarkDisrupted(planned.pod().ref(), terms)
                        : new Delete(planned.pod().ref(), terms));
    }

    /** Looks again when a promise that was given is to be seen kept, and at the last call of its pod. */
    private void lookAfterPromises() {
        for (Planned planned : plan.pods()) {
            if (planned.verdict().asks() && wasPromised(planned)) {
                promises(planned).map(yes -> yes.since().plus(BELIEVED_FOR)).forEach(agenda::lookAgainAfter);
                planned.lastCall().ifPresent(agenda::lookAgainAfter);
            }
        }
    }

    /** Who was asked with success is asked again only if nothing comes of it: its deletionTimestamp would have been seen. */
    private boolean isToBeAsked(Planned planned) {
        return planned.verdict().asks() && !cameBackForGood(planned) && !isBelieved(planned);
    }

    /** Whether its going was promised so short a time ago that we may not see it yet. */
    private boolean isBelieved(Planned planned) {
        boolean isInVain = isAtLastCall(planned) && wasAskedAgain(planned) && !isDone(Delete.class, planned);
        if (isInVain) {
            return false;
        }
        return promises(planned).anyMatch(yes -> isYoung(yes, now));
    }

    /** Whether its effect may not be seen yet. */
    private static boolean isYoung(Attempt promise, Instant now) {
        return now.isBefore(promise.since().plus(BELIEVED_FOR));
    }

    /** Whether a request that was answered with yes is the first of its pod, and so young that its effect may not be seen yet. */
    static boolean isCredible(Attempt promise, Instant now) {
        return isYoung(promise, now)
                && ((OnPod) promise.act()).terms().version().isEmpty();
    }

    private boolean wasAskedAgain(Planned planned) {
        return requests(planned)
                .anyMatch(request -> ((OnPod) request.act()).terms().version().isPresent());
    }

    private boolean wasPromised(Planned planned) {
        return promises(planned).findAny().isPresent();
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

    private static boolean cameBack(Planned planned) {
        return planned.verdict() instanceof Verdict.CameBack;
    }

    private boolean isAtLastCall(Planned planned) {
        return planned.lastCall().filter(lastCall -> !now.isBefore(lastCall)).isPresent();
    }

    private boolean isAskedOrHeldBack(Planned planned) {
        return !planned.goesInItsWave()
                || agenda.isHeldBack(planned.pod().ref())
                || isAnswered(Evict.class, planned)
                || isAnswered(LastCall.class, planned)
                || isSlow(planned);
    }

    private boolean isSlow(Planned planned) {
        return state(Evict.class, planned) instanceof InFlight(Instant since)
                && !now.isBefore(since.plus(ANSWER_EXPECTED));
    }

    private boolean isRefused(Class<? extends OnPod> kind, Planned planned) {
        Optional<Attempt> attempt = attempts.of(kind, planned.pod().ref());
        return attempt.filter(Attempt::wasAnswered).isPresent()
                && attempt.orElseThrow().state() instanceof Waiting(var _, var _, Outcome outcome)
                && switch (outcome) {
                    case Blocked _, Refused _, Denied _ -> true;
                    case TryAgain _ -> attempt.orElseThrow().tries() >= FAILURES_ARE_A_REFUSAL;
                    case Overloaded _, Landed _, Moot _, NotFound _, Described _, Bound _, Renewed _, NotSent _ ->
                        false;
                };
    }

    private boolean isAnswered(Class<? extends OnPod> kind, Planned planned) {
        return attempts.of(kind, planned.pod().ref())
                .filter(Attempt::wasAnswered)
                .isPresent();
    }

    private boolean isDone(Class<? extends OnPod> kind, Planned planned) {
        return state(kind, planned) instanceof Done;
    }

    private boolean isInFlight(Class<? extends OnPod> kind, Planned planned) {
        return state(kind, planned) instanceof InFlight;
    }

    private Attempt.@Nullable State state(Class<? extends OnPod> kind, Planned planned) {
        return attempts.of(kind, planned.pod().ref()).map(Attempt::state).orElse(null);
    }

    private Evict evict(Planned planned, Instant urgent) {
        return new Evict(planned.pod().ref(), terms(planned, urgent));
    }

    private Terms terms(Planned planned, Instant urgent) {
        Grace grace = requests(planned)
                .map(this::promisedBy)
                .max(Comparator.naturalOrder())
                .map(planned.grace()::atLeast)
                .orElseGet(planned::grace);
        boolean isAskedAgain = wasPromised(planned) || wasAskedAgain(planned);
        return new Terms(
                urgent,
                planned.lastCall().orElse(Instant.MAX),
                grace,
                planned.standing().budgets().stream().map(Budget::id).collect(Collectors.toUnmodifiableSet()),
                isAskedAgain ? Optional.of(planned.pod().version()) : Optional.empty());
    }

    /** The grace that a pod was promised by this request, or may have been, or by one before it. */
    private Duration promisedBy(Attempt request) {
        Grace grace = ((OnPod) request.act()).terms().grace();
        return request.state() instanceof Done || mayHaveArrived(request)
                ? grace.sentAt(request.startedAt()).orElseGet(grace::own)
                : grace.least();
    }

    /** Whether its answer was missed so short a time ago that its effect, if it had any, may not be seen yet. */
    private boolean mayHaveArrived(Attempt request) {
        return request.state() instanceof Waiting(Instant since, var _, TryAgain _)
                && now.isBefore(since.plus(UNSEEN_FOR));
    }

    private static Instant lastCallOf(Planned planned) {
        return planned.lastCall().orElse(Instant.MIN);
    }

    private Instant earliestLastCall() {
        return plan.pods().stream()
                .flatMap(planned -> planned.lastCall().stream())
                .reduce(Instant.MAX, (one, other) -> one.isBefore(other) ? one : other);
    }
}
