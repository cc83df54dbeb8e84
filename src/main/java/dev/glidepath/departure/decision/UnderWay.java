package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action.SettleJournal;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.Response;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Effect;
import dev.glidepath.node.Journal.State;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A departure that is under way, or begins now: cordon and journal, drain, complete the hooks, settle the journal. How the node is
 * drained is in {@link DrainCourse}.
 */
final class UnderWay {
    private final DecisionContext context;
    private final PendingActions pending;
    private final Instant now;
    private final JournaledNode node;
    private final Siblings siblings;
    private final NodeHealth health;
    private final Due due;
    private final Hooks hooks;

    UnderWay(DecisionContext context, JournaledNode node, Siblings siblings, NodeHealth health, Due due) {
        this.context = context;
        this.pending = context.pending();
        this.now = context.now();
        this.node = node;
        this.siblings = siblings;
        this.health = health;
        this.due = due;
        this.hooks = new Hooks(context, due.merged().hooks());
    }

    /** Starts what comes next. */
    Stage carryOn() {
        if (due.isLimited()) {
            pending.lookAgainBy(now.plus(Due.LIMIT_CHECKED_EVERY));
        }
        Optional<Stage.AwaitingHook> concluded = context.attempts().concluded(due.ids());
        if (concluded.isPresent()) {
            return finish(concluded.get().ending(), concluded.get().report());
        }
        Journal target = withPresentDeadline();
        DrainCourse drain = new DrainCourse(context, node, health, due);
        InstanceOff instance = new InstanceOff(context, node, health, due.causes());
        boolean isToBeTakenOver = node.isUnderWay() && !node.isOurs();
        boolean isOff = instance.isOff() && !isToBeTakenOver;
        Optional<Ending> ending = isOff ? instance.awaitFreed(target, drain.isFreed()) : carryOn(target, drain);
        if (ending.isPresent()) {
            return finish(ending.get(), drain.report());
        }
        hooks.heartbeat();
        if (isOff) {
            return instance.stage();
        }
        return node.isUnderWayHere()
                ? drain.stage()
                : new Stage.Cordoning(due.deadlines().earliest());
    }

    /** Journals what is new, cordons for it, and continues what has begun; nothing begins that is not journaled. */
    private Optional<Ending> carryOn(Journal target, DrainCourse drain) {
        List<Cause> fresh = node.isUnderWay() ? due.newTo(node.known()) : due.causes();
        if (!fresh.isEmpty()) {
            pending.request(node.cordon(target, fresh, context.policy()));
        } else if (!target.equals(node.written())) {
            pending.request(node.updateJournal(target));
        }
        if (!node.isUnderWayHere()) {
            return Optional.empty();
        }
        boolean isToBeDrained = due.causes().stream()
                .anyMatch(cause ->
                        node.known().isLive(cause.id()) && context.policy().responseTo(cause.kind()) == Response.DRAIN);
        if (isToBeDrained) {
            return drain.carryOn();
        }
        return target.equals(node.written()) ? Optional.of(Ending.CORDONED) : Optional.empty();
    }

    /** The journal of a departure that we carry out, with its present deadline. */
    private Journal withPresentDeadline() {
        Journal target = due.merged().heldBy(context.snapshot().claim().us());
        if (!node.isUnderWay()) {
            target = target.startedAt(startOf(target));
        }
        Optional<Journal.Term> term = due.deadlines().term(now);
        boolean isSameDeadline =
                term.map(Journal.Term::deadline).equals(due.merged().term().map(Journal.Term::deadline));
        return isSameDeadline ? target : target.with(term, due.deadlines().longestGrace());
    }

    private Instant startOf(Journal journal) {
        return journal.causes().stream()
                .filter(cause -> !node.known().isLive(cause.id()))
                .map(Cause::receivedAt)
                .min(Comparator.naturalOrder())
                .orElse(now);
    }

    /**
     * Completes the hooks first, as they are waited for; then settles the journal. The messages are deleted last, by a later decision that
     * sees the settled journal ({@link NoticeScreening}). Of several nodes of an instance the first completes the hooks, when the others' journals are settled.
     */
    private Stage finish(Ending ending, DrainReport report) {
        if (!siblings.isFirst()) {
            pending.request(new SettleJournal(finished(), node.basedOn(), ending, report));
            return new Stage.Settling(ending, report);
        }
        if (!awaitSiblings().isDone()) {
            hooks.heartbeat();
            return new Stage.AwaitingHook(ending, report, due.ids());
        }
        if (!hooks.complete(ending).isDone()) {
            return hooks.areTried()
                    ? new Stage.AwaitingHook(ending, report, due.ids())
                    : new Stage.Settling(ending, report);
        }
        Journal settled = finished().withHooksCompleted(hooks.ofOurs());
        pending.request(new SettleJournal(settled, node.basedOn(), ending, report));
        return new Stage.Settling(ending, report);
    }

    /** Waits for the other nodes until the deadline, as their own is not much later. */
    private Progress awaitSiblings() {
        Instant until = due.deadlines().earliest();
        boolean waits = now.isBefore(until)
                && due.merged().hooks().stream().anyMatch(hook -> siblings.arePending(hook.cause()));
        if (waits) {
            pending.lookAgainAfter(until);
        }
        return Progress.doneIf(!waits);
    }

    /** What only puts the instance at risk stays live until it lapses; where the instance ends for good, all else is over. */
    private Journal finished() {
        Journal finished = due.merged();
        Set<InterruptionId> over = new HashSet<>();
        boolean takesTheInstance = due.causes().stream().anyMatch(cause -> cause.effect() != Effect.NONE);
        for (Cause cause : due.causes()) {
            if (takesTheInstance) {
                over.add(cause.id());
            } else {
                finished = finished.with(cause.whenAnswered());
            }
        }
        if (due.causes().stream().anyMatch(UnderWay::endsForGood)) {
            due.merged().causes().forEach(cause -> over.add(cause.id()));
        }
        Journal left = finished.settle(over).with(Causes.stopOf(due.causes(), now));
        left = goneBy().map(left::goneBy).orElse(left);
        return left.causes().isEmpty() && !left.hasUnknownCauses()
                ? left.in(State.SETTLED).with(Optional.empty(), Optional.empty())
                : left.in(State.PLANNED);
    }

    /** When the last of what takes the instance has had its time; empty where one of them may come at any time. */
    private Optional<Instant> goneBy() {
        Deadlines ofDue = new Deadlines(due.merged(), due.causes(), context.snapshot(), context.policy());
        List<Optional<Instant>> each = due.causes().stream()
                .filter(cause -> cause.effect() != Effect.NONE)
                .map(ofDue::goneBy)
                .toList();
        return each.contains(Optional.<Instant>empty())
                ? Optional.empty()
                : each.stream()
                        .flatMap(Optional::stream)
                        .max(Comparator.naturalOrder())
                        .map(latest -> Deadlines.later(latest, now));
    }

    private static boolean endsForGood(Cause cause) {
        return cause.effect() == Effect.ENDS || cause.effect() == Effect.ENDED;
    }
}
