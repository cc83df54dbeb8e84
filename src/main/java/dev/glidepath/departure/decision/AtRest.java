package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.SettleJournal;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.decision.NodeHealth.Health;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.State;
import dev.glidepath.node.Journal.Stop;
import dev.glidepath.node.KubeNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A node for which nothing is due now: planned for later, withdrawn, lapsed, back, survived, or settled. */
final class AtRest {
    /** The interval at which a node is looked at that should be healthy by now. */
    private static final Duration HEALTH_CHECKED_EVERY = Duration.ofMinutes(10);

    private final DecisionContext context;
    private final PendingActions pending;
    private final Instant now;
    private final JournaledNode node;
    private final NodeHealth health;
    private final NewNotices screened;

    AtRest(DecisionContext context, JournaledNode node, NodeHealth health, NewNotices screened) {
        this.context = context;
        this.pending = context.pending();
        this.now = context.now();
        this.node = node;
        this.health = health;
        this.screened = screened;
    }

    /** Whether this node, whose departure is settled, looks as if its instance were back. */
    static boolean mayBeBack(KubeNode node, Journal journal) {
        return node.ready()
                && !journal.changed().isEmpty()
                && journal.stop()
                        .filter(stop -> stop.proven()
                                || node.readySince()
                                        .filter(since -> since.isAfter(stop.at()))
                                        .isPresent())
                        .isPresent();
    }

    /** Whether this node, whose departure is settled, is still there though it may be gone, and may prove to be healthy. */
    static boolean maySurvive(KubeNode node, Journal journal) {
        return node.ready()
                && !journal.changed().isEmpty()
                && journal.goneBy()
                        .filter(journal.start()::isBefore)
                        .isPresent(); // of this departure, not of an earlier one
    }

    /**
     * Keeps the departure planned, undoes it, or settles it.
     *
     * @param merged the node's journal with all new notices
     */
    Stage rest(Journal merged) {
        Set<InterruptionId> lapsed = merged.causes().stream()
                .filter(cause -> Deadlines.isLapsed(cause, now))
                .map(Cause::id)
                .collect(Collectors.toSet());
        boolean areAllLapsed =
                !lapsed.isEmpty() && lapsed.size() == merged.causes().size();
        if (areAllLapsed && health.establishSince(lastLapseOf(merged)) != Health.HEALTHY) {
            pending.lookAgainBy(now.plus(HEALTH_CHECKED_EVERY));
            return stayPlanned(merged);
        }
        Journal live = lapsed.isEmpty() ? merged : merged.settle(lapsed);
        if (!live.causes().isEmpty()) {
            return stayPlanned(live);
        }
        return live.hasUnknownCauses() ? leaveUnknownCauses(live) : settle(live, !lapsed.isEmpty());
    }

    private Stage settle(Journal live, boolean isLapsed) {
        Journal settled = live.in(State.SETTLED).with(Optional.empty(), Optional.empty());
        boolean departed = node.isUnderWay(); // the last cause may have been withdrawn by another than its holder
        if (departed || !node.known().causes().isEmpty()) {
            return undo(settled.whenHere(), isLapsed ? Ending.LAPSED : Ending.WITHDRAWN);
        }
        if (mayBeBack(node.node(), settled)) {
            return undoIfHealthy(settled, settled.stop().map(Stop::at).orElse(now), Ending.BACK);
        }
        if (maySurvive(node.node(), settled) && !endedHere()) {
            Instant goneBy = settled.goneBy().orElse(now);
            if (!now.isBefore(goneBy)) {
                return undoIfHealthy(settled, goneBy, Ending.SURVIVED);
            }
            pending.lookAgainBy(goneBy);
            return new Stage.Planned(Optional.of(goneBy));
        }
        boolean isToBeWritten =
                !settled.equals(node.known()) && !screened.notices().isEmpty();
        if (isToBeWritten && !pending.request(node.updateJournal(settled)).isDone()) {
            return new Stage.Examining();
        }
        return context.settled(screened.wasStale() ? Ending.STALE : Ending.ALREADY_SETTLED);
    }

    private Stage undoIfHealthy(Journal settled, Instant since, Ending ending) {
        return switch (health.establishSince(since)) {
            case HEALTHY -> undo(settled.whenHere(), ending);
            case UNHEALTHY, UNKNOWN -> new Stage.Examining();
        };
    }

    private Stage undo(Journal target, Ending ending) {
        OnJournal write = node.known().changed().isEmpty() ? node.updateJournal(target) : node.undo(target, ending);
        return pending.request(write).isDone()
                ? context.settled(ending)
                : new Stage.Settling(ending, DrainReport.nothing());
    }

    /** Whether this is still the departure that was settled just now, or one that has notices of its own. */
    private boolean endedHere() {
        return !context.notices().isEmpty()
                || context.earlierEnding().isPresent()
                || context.attempts().last(SettleJournal.class).isPresent();
    }

    /** Causes that only another version knows are neither acted on nor settled. */
    private Stage leaveUnknownCauses(Journal live) {
        if (!live.equals(node.written())) {
            pending.request(node.updateJournal(live));
        }
        pending.lookAgainBy(now.plus(HEALTH_CHECKED_EVERY));
        return new Stage.Planned(Optional.empty());
    }

    private Instant lastLapseOf(Journal journal) {
        return journal.causes().stream()
                .map(Deadlines::lapsesAt)
                .max(Comparator.naturalOrder())
                .orElse(now);
    }

    private Stage stayPlanned(Journal live) {
        Journal target = planned(live);
        if (!target.equals(node.written())) {
            pending.request(isMovedAway(live) ? node.undo(target, Ending.WITHDRAWN) : node.updateJournal(target));
        }
        Optional<Instant> next = live.causes().stream().map(this::lookAgainAt).min(Comparator.naturalOrder());
        next.ifPresent(pending::lookAgainBy);
        return new Stage.Planned(next);
    }

    private Journal planned(Journal live) {
        Journal target =
                live.in(State.PLANNED).with(Deadlines.ofLive(live, context).term(now), live.longestGrace());
        boolean isSameDeadline =
                target.term().map(Journal.Term::deadline).equals(live.term().map(Journal.Term::deadline));
        return isSameDeadline ? target.with(live.term(), live.longestGrace()) : target;
    }

    private Instant lookAgainAt(Cause cause) {
        return cause.answered() || Deadlines.isLapsed(cause, now)
                ? laterThanNow(Deadlines.lapsesAt(cause), HEALTH_CHECKED_EVERY)
                : laterThanNow(Due.at(cause, context), Due.LIMIT_CHECKED_EVERY);
    }

    /** That moment, or if it is past, a while from now. */
    private Instant laterThanNow(Instant at, Duration otherwise) {
        return at.isAfter(now) ? at : now.plus(otherwise);
    }

    /** Whether what we did was for something that now lies far ahead. */
    private boolean isMovedAway(Journal live) {
        boolean departed = node.isUnderWay()
                || (node.known().stop().isPresent() && live.causes().stream().anyMatch(this::wasDoneBefore));
        return departed
                && !live.hasUnknownCauses()
                && !node.known().changed().isEmpty()
                && live.causes().stream().noneMatch(cause -> cause.answered() || Deadlines.isLapsed(cause, now));
    }

    private boolean wasDoneBefore(Cause cause) {
        return node.known().settled().stream().anyMatch(settled -> cause.isOf(settled.id()));
    }
}
