package dev.glidepath.departure.execution;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.MarkDisrupted;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Blocked;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.NotNeeded;
import dev.glidepath.departure.action.Outcome.Overloaded;
import dev.glidepath.departure.action.Outcome.Refused;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.drain.eviction.DeletionOutcome;
import dev.glidepath.drain.eviction.EvictionOutcome;
import dev.glidepath.drain.eviction.MarkOutcome;
import dev.glidepath.drain.gate.Gate;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.event.InstanceId;
import dev.glidepath.observe.Metric;
import dev.glidepath.observe.Metrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/** What is done about pods: each action takes its place at the gate when it is begun, and its grace is fitted when it is granted. */
final class PodActions {
    private static final String POD_GONE = "the pod is gone";

    /** From its last call on each second of waiting is one of its grace: an answer is waited for no longer than this. */
    private static final Duration LAST_ANSWER_WITHIN = Duration.ofSeconds(3);

    private final InstanceId instance;
    private final ClusterRequests requests;
    private final Authority authority;
    private final Metrics metrics;
    private final InstantSource clock;

    PodActions(
            InstanceId instance, ClusterRequests requests, Authority authority, Metrics metrics, InstantSource clock) {
        this.instance = instance;
        this.requests = requests;
        this.authority = authority;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Takes the action's place at the gate: those that are begun first pass first, if nothing else sets them apart. */
    BegunAction begin(OnPod action) {
        Supplier<Optional<String>> objection = () -> authority.objectionTo(action);
        return switch (action) {
            case Evict _, LastCall _ -> {
                Gate.Place place = enter(action, Gate.Request.EVICTION);
                yield BegunAction.at(place, action, instance, objection, () -> evict(action, place));
            }
            case Delete _ -> {
                Gate.Place place = enter(action, Gate.Request.DELETION);
                yield BegunAction.at(place, action, instance, objection, () -> delete(action, place));
            }
            case MarkDisrupted _ ->
                BegunAction.atOnce(
                        action,
                        instance,
                        objection,
                        () -> outcome(
                                requests.deleter().within(LAST_ANSWER_WITHIN).markDisrupted(action.pod())));
        };
    }

    private Gate.Place enter(OnPod action, Gate.Request request) {
        Action.Terms terms = action.terms();
        return requests.gate()
                .enter(new Gate.Entry(request, action.pod(), terms.urgency(), lastCall(action), terms.budgets()));
    }

    private static Instant lastCall(OnPod action) {
        return action instanceof Evict ? action.terms().lastCall() : Instant.MIN;
    }

    private Outcome evict(OnPod action, Gate.Place place) throws InterruptedException {
        if (place.isInVain()) {
            String why =
                    "evictions in " + action.pod().namespace() + " are not answered: an admission webhook may hang";
            return action instanceof LastCall ? new Refused(why) : new Retry(why);
        }
        EvictionOutcome outcome = requests.evictor()
                .within(patience(action))
                .evict(action.pod(), grace(action), action.terms().version());
        place.leave(outcome);
        metrics.count(Metric.EVICTIONS, outcome.label());
        return action instanceof LastCall && outcome instanceof EvictionOutcome.TimedOut(String why)
                ? new Refused(why) // a second try would cost it the time in which it can be deleted
                : outcome(outcome, action.pod());
    }

    /** Until its last call, which is not to wait for this answer; from then on, briefly. */
    private Duration patience(OnPod action) {
        Instant now = clock.instant();
        Instant lastCall = lastCall(action);
        Instant briefly = now.plus(LAST_ANSWER_WITHIN);
        return Duration.between(now, lastCall.isAfter(briefly) ? lastCall : briefly);
    }

    private Outcome delete(OnPod action, Gate.Place place) throws InterruptedException {
        DeletionOutcome outcome = requests.deleter().delete(action.pod(), grace(action));
        place.leave(outcome);
        return outcome(outcome);
    }

    private Optional<Duration> grace(OnPod action) {
        return action.terms().grace().sentAt(clock.instant());
    }

    private static Outcome outcome(EvictionOutcome eviction, PodRef pod) {
        return switch (eviction) {
            case EvictionOutcome.Evicted _ -> new Succeeded();
            case EvictionOutcome.Gone _, EvictionOutcome.OtherPod _ -> new NotNeeded(POD_GONE);
            case EvictionOutcome.NamespaceTerminating _ ->
                new NotNeeded("its namespace is being deleted, and the pod with it");
            case EvictionOutcome.BlockedByBudget(String budget, String why) -> blocked(budget, why, pod);
            case EvictionOutcome.BudgetStale(String budget, String why) -> blocked(budget, why, pod);
            case EvictionOutcome.BudgetBroken(String why) -> new Refused(why);
            case EvictionOutcome.SeveralBudgets(String why) -> new Refused(why);
            case EvictionOutcome.RefusedByPolicy(int status, String why) -> new Refused(why + " (HTTP " + status + ")");
            case EvictionOutcome.Overloaded(String why, Duration retryAfter) -> new Overloaded(why, retryAfter);
            case EvictionOutcome.Forbidden(String why) -> new Forbidden(why);
            case EvictionOutcome.TimedOut(String why) -> new Retry(why);
            case EvictionOutcome.Failed(String why) -> new Retry(why);
        };
    }

    private static Blocked blocked(String budget, String why, PodRef pod) {
        return new Blocked(budget.isEmpty() ? "" : pod.namespace() + "/" + budget, why);
    }

    private static Outcome outcome(DeletionOutcome deletion) {
        return switch (deletion) {
            case DeletionOutcome.Deleted _ -> new Succeeded();
            case DeletionOutcome.Gone _ -> new NotNeeded(POD_GONE);
            case DeletionOutcome.Forbidden(String why) -> new Forbidden(why);
            case DeletionOutcome.RefusedByPolicy(int status, String why) -> new Refused(why + " (HTTP " + status + ")");
            case DeletionOutcome.Overloaded(String why, Duration retryAfter) -> new Overloaded(why, retryAfter);
            case DeletionOutcome.TimedOut(String why) -> new Retry(why);
            case DeletionOutcome.Failed(String why) -> new Retry(why);
        };
    }

    private static Outcome outcome(MarkOutcome mark) {
        return switch (mark) {
            case MarkOutcome.Marked _ -> new Succeeded();
            case MarkOutcome.Gone _ -> new NotNeeded(POD_GONE);
            case MarkOutcome.NotMarked(String why) -> new Retry(why);
        };
    }
}
