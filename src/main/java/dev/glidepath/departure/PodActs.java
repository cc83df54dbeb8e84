package dev.glidepath.departure;

import dev.glidepath.departure.decision.Act;
import dev.glidepath.departure.decision.Act.Delete;
import dev.glidepath.departure.decision.Act.Evict;
import dev.glidepath.departure.decision.Act.LastCall;
import dev.glidepath.departure.decision.Act.MarkDisrupted;
import dev.glidepath.departure.decision.Act.OnPod;
import dev.glidepath.departure.decision.Outcome;
import dev.glidepath.departure.decision.Outcome.Blocked;
import dev.glidepath.departure.decision.Outcome.Denied;
import dev.glidepath.departure.decision.Outcome.Landed;
import dev.glidepath.departure.decision.Outcome.Moot;
import dev.glidepath.departure.decision.Outcome.Overloaded;
import dev.glidepath.departure.decision.Outcome.Refused;
import dev.glidepath.departure.decision.Outcome.TryAgain;
import dev.glidepath.drain.eviction.DeletionOutcome;
import dev.glidepath.drain.eviction.EvictionOutcome;
import dev.glidepath.drain.eviction.MarkOutcome;
import dev.glidepath.drain.gate.Gate;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.observe.Metric;
import dev.glidepath.observe.Metrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/** What is done about pods: each act takes its place at the gate when it is begun, and its grace is fitted when it is granted. */
final class PodActs {
    private static final String POD_GONE = "the pod is gone";

    /** From its last call on each second of waiting is one of its grace: who does not answer within this time is not waited for. */
    private static final Duration LAST_ANSWER_WITHIN = Duration.ofSeconds(3);

    private final Tools tools;
    private final Authority authority;
    private final Metrics metrics;
    private final InstantSource clock;

    PodActs(Tools tools, Authority authority, Metrics metrics, InstantSource clock) {
        this.tools = tools;
        this.authority = authority;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Takes the act's place at the gate: those that are begun first pass first, if nothing else tells them apart. */
    Begun begin(OnPod act) {
        Supplier<Optional<String>> objection = () -> authority.objectionTo(act);
        return switch (act) {
            case Evict _, LastCall _ -> {
                Gate.Place place = enter(act, Gate.Request.EVICTION);
                yield Begun.at(place, objection, () -> evict(act, place));
            }
            case Delete _ -> {
                Gate.Place place = enter(act, Gate.Request.DELETION);
                yield Begun.at(place, objection, () -> delete(act, place));
            }
            case MarkDisrupted _ ->
                Begun.atOnce(
                        objection,
                        () -> outcome(tools.deleter().within(LAST_ANSWER_WITHIN).markDisrupted(act.pod())));
        };
    }

    private Gate.Place enter(OnPod act, Gate.Request request) {
        Act.Terms terms = act.terms();
        return tools.gate().enter(new Gate.Entry(request, act.pod(), terms.urgency(), lastCall(act), terms.budgets()));
    }

    private static Instant lastCall(OnPod act) {
        return act instanceof Evict ? act.terms().lastCall() : Instant.MIN;
    }

    private Outcome evict(OnPod act, Gate.Place place) throws InterruptedException {
        if (place.isInVain()) {
            String why = "evictions in " + act.pod().namespace() + " are not answered: an admission webhook may hang";
            return act instanceof LastCall ? new Refused(why) : new TryAgain(why);
        }
        EvictionOutcome outcome = tools.evictor()
                .within(patience(act))
                .evict(act.pod(), grace(act), act.terms().version());
        place.leave(outcome);
        metrics.count(Metric.EVICTIONS, outcome.label());
        return act instanceof LastCall && outcome instanceof EvictionOutcome.TimedOut(String why)
                ? new Refused(why) // a second try would cost it the time in which it can be deleted
                : outcome(outcome, act.pod());
    }

    /** Until its last call, which is not to wait for this answer; from then on, briefly. */
    private Duration patience(OnPod act) {
        Instant now = clock.instant();
        Instant lastCall = lastCall(act);
        Instant briefly = now.plus(LAST_ANSWER_WITHIN);
        return Duration.between(now, lastCall.isAfter(briefly) ? lastCall : briefly);
    }

    private Outcome delete(OnPod act, Gate.Place place) throws InterruptedException {
        DeletionOutcome outcome = tools.deleter().delete(act.pod(), grace(act));
        place.leave(outcome);
        return outcome(outcome);
    }

    private Optional<Duration> grace(OnPod act) {
        return act.terms().grace().sentAt(clock.instant());
    }

    private static Outcome outcome(EvictionOutcome eviction, PodRef pod) {
        return switch (eviction) {
            case EvictionOutcome.Evicted _ -> new Landed();
            case EvictionOutcome.Gone _, EvictionOutcome.OtherPod _ -> new Moot(POD_GONE);
            case EvictionOutcome.NamespaceTerminating _ ->
                new Moot("its namespace is being deleted, and the pod with it");
            case EvictionOutcome.BlockedByBudget(String budget, String why) -> blocked(budget, why, pod);
            case EvictionOutcome.BudgetStale(String budget, String why) -> blocked(budget, why, pod);
            case EvictionOutcome.BudgetBroken(String why) -> new Refused(why);
            case EvictionOutcome.SeveralBudgets(String why) -> new Refused(why);
            case EvictionOutcome.RefusedByPolicy(int status, String why) -> new Refused(why + " (HTTP " + status + ")");
            case EvictionOutcome.Overloaded(String why, Duration retryAfter) -> new Overloaded(why, retryAfter);
            case EvictionOutcome.Forbidden(String why) -> new Denied(why);
            case EvictionOutcome.TimedOut(String why) -> new TryAgain(why);
            case EvictionOutcome.Failed(String why) -> new TryAgain(why);
        };
    }

    private static Blocked blocked(String budget, String why, PodRef pod) {
        return new Blocked(budget.isEmpty() ? "" : pod.namespace() + "/" + budget, why);
    }

    private static Outcome outcome(DeletionOutcome deletion) {
        return switch (deletion) {
            case DeletionOutcome.Deleted _ -> new Landed();
            case DeletionOutcome.Gone _ -> new Moot(POD_GONE);
            case DeletionOutcome.Forbidden(String why) -> new Denied(why);
            case DeletionOutcome.RefusedByPolicy(int status, String why) -> new Refused(why + " (HTTP " + status + ")");
            case DeletionOutcome.Overloaded(String why, Duration retryAfter) -> new Overloaded(why, retryAfter);
            case DeletionOutcome.TimedOut(String why) -> new TryAgain(why);
            case DeletionOutcome.Failed(String why) -> new TryAgain(why);
        };
    }

    private static Outcome outcome(MarkOutcome mark) {
        return switch (mark) {
            case MarkOutcome.Marked _ -> new Landed();
            case MarkOutcome.Gone _ -> new Moot(POD_GONE);
            case MarkOutcome.NotMarked(String why) -> new TryAgain(why);
        };
    }
}
