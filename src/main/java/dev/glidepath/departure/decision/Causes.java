package dev.glidepath.departure.decision;

import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.CapacityInterruption;
import dev.glidepath.event.Interruption.HealthNotice;
import dev.glidepath.event.Interruption.RebalanceRecommendation;
import dev.glidepath.event.Interruption.ScheduledChange;
import dev.glidepath.event.Interruption.ScheduledChangeClosed;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.event.Interruption.Window;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Effect;
import dev.glidepath.node.Journal.Settled;
import dev.glidepath.node.Journal.State;
import dev.glidepath.node.Journal.Stop;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a notice means for its instance, and how it is merged into what is known of it.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html">Spot instance
 *     interruption notices</a>
 */
public final class Causes {
    private static final Duration SPOT_NOTICE = Duration.ofMinutes(2);

    /**
     * So long a node has at least for what is done within a window, though that has begun: as long as a hook's drain has. The
     * instance may go at any moment of the window, and every moment is as likely.
     */
    private static final Duration WITHIN_A_WINDOW = Duration.ofMinutes(15);

    private Causes() {}

    /** What the notice says of the instance; empty where nothing takes it, or withdraws what was said. */
    static Optional<Cause> of(Notice notice) {
        Instant at = notice.noticedAt();
        return switch (notice.interruption()) {
            case SpotInterruption spot ->
                switch (spot.action()) {
                    case TERMINATE -> cause(notice, Effect.ENDS, Optional.of(at.plus(SPOT_NOTICE)));
                    case STOP -> cause(notice, Effect.STOPS, Optional.of(at.plus(SPOT_NOTICE)));
                    case HIBERNATE -> cause(notice, Effect.STOPS, Optional.of(at));
                };
            case RebalanceRecommendation _ -> cause(notice, Effect.NONE, Optional.empty());
            case StateChange change ->
                switch (change.state()) {
                    case STOPPING -> cause(notice, Effect.STOPS, Optional.of(at));
                    case STOPPED -> cause(notice, Effect.STOPPED, Optional.of(at));
                    case SHUTTING_DOWN -> cause(notice, Effect.ENDS, Optional.of(at));
                    case TERMINATED -> cause(notice, Effect.ENDED, Optional.of(at));
                    case PENDING, RUNNING -> Optional.empty();
                };
            case AsgTermination asg -> cause(notice, asg.toWarmPool() ? Effect.STOPS : Effect.ENDS, Optional.empty());
            case ScheduledChange change -> Optional.of(scheduled(change.window(), notice));
            case CapacityInterruption capacity -> cause(notice, Effect.ENDS, Optional.of(capacity.goneAt()));
            case ScheduledChangeClosed _, HealthNotice _, AsgLaunch _ -> Optional.empty();
        };
    }

    /** When it takes the instance, as far as the notice says; the far end of time where it does not. */
    public static Instant goneAt(Notice notice) {
        return of(notice).flatMap(Cause::goneAt).orElse(Instant.MAX);
    }

    /** The journal with all that these notices announce; nothing is pending for it yet that was not before. */
    static Journal merge(Journal known, List<Notice> notices) {
        Journal merged = known;
        for (Notice notice : notices) {
            merged = merge(merged, notice);
        }
        return merged;
    }

    /** Whether the journal knows as much, or better. */
    static boolean isKnown(Journal journal, Notice notice) {
        InterruptionId id = notice.interruption().id();
        return journal.isLive(id) || journal.isSettled(id) || isOlder(journal, notice);
    }

    private static Journal merge(Journal known, Notice notice) {
        Interruption interruption = notice.interruption();
        return switch (interruption) {
            case AsgLaunch launch -> launch.fromWarmPool() ? comesBack(known, notice) : known;
            case HealthNotice _ -> known;
            case AsgTermination asg when known.isLive(asg.id()) -> known.with(notice.hookOf(asg));
            case ScheduledChangeClosed closed when !isKnown(known, notice) -> close(known, closed.id(), notice);
            case SpotInterruption _,
                    RebalanceRecommendation _,
                    StateChange _,
                    AsgTermination _,
                    ScheduledChange _,
                    ScheduledChangeClosed _,
                    CapacityInterruption _ -> isKnown(known, notice) ? known : begin(known, notice);
        };
    }

    /**
     * One more cause, or another word on one that is known: what was said before is settled by that. For one too many, which no
     * source sends in earnest, there is room once the others are settled; so long its message is kept.
     */
    private static Journal begin(Journal known, Notice notice) {
        Cause cause = notLaterThanBefore(of(notice).orElseThrow(), known);
        Journal others = superseded(known, cause.id()).with(cause);
        Journal merged = notice.interruption() instanceof AsgTermination asg ? others.with(notice.hookOf(asg)) : others;
        return known.causes().isEmpty() || merged.fits() ? merged : known;
    }

    /** An update moves the deadline out only where the start itself lies later: it is received later, and the instance does not wait. */
    private static Cause notLaterThanBefore(Cause cause, Journal known) {
        Optional<Instant> startsAt = cause.window().map(Window::startsAt);
        return known.causes().stream()
                .filter(before -> before.isOf(cause.id()))
                .flatMap(before -> before.goneAt().stream())
                .filter(goneAt -> goneAt.isAfter(cause.receivedAt()))
                .filter(goneAt ->
                        startsAt.filter(start -> !start.isAfter(goneAt)).isPresent())
                .filter(goneAt -> cause.goneAt().filter(goneAt::isBefore).isPresent())
                .findFirst()
                .map(cause::withGoneAt)
                .orElse(cause);
    }

    /**
     * The journal for a departure that begins now. What was not begun in time, though its window is open yet, has as long from now
     * on as what is received within its window.
     */
    static Journal begunLate(Journal journal, Instant now) {
        Journal late = journal;
        for (Cause cause : journal.causes()) {
            Optional<Instant> missed = cause.goneAt().filter(goneAt -> !goneAt.isAfter(now) && !cause.answered());
            Optional<Window> open = cause.window().filter(window -> now.isBefore(window.endsAt()));
            if (missed.isPresent() && open.isPresent()) {
                late = late.with(cause.withGoneAt(assumedGone(open.get(), now)));
            }
        }
        return late;
    }

    /** What is withdrawn, or over. A node that was to stop for it is back when it is well after this. */
    private static Journal close(Journal known, InterruptionId id, Notice notice) {
        Journal closed = superseded(known, id).settle(new Settled(id, notice.noticedAt()));
        return known.stop().isPresent() ? closed.with(Optional.of(new Stop(notice.noticedAt(), true))) : closed;
    }

    private static Journal superseded(Journal known, InterruptionId id) {
        return known.settle(known.causes().stream()
                .filter(cause -> cause.isOf(id))
                .map(Cause::id)
                .collect(Collectors.toSet()));
    }

    /** From the warm pool: what put it there is over. Of two such notices the later one counts, in whichever order they come. */
    private static Journal comesBack(Journal known, Notice notice) {
        Set<InterruptionId> over = known.causes().stream()
                .filter(cause -> cause.effect() == Effect.STOPS || cause.effect() == Effect.STOPPED)
                .filter(cause -> cause.noticedAt().isBefore(notice.noticedAt()))
                .map(Cause::id)
                .collect(Collectors.toSet());
        Journal back = known.settle(over).withHooksCompleted(over); // with an action pending it would not be launched
        boolean wasAway = !back.equals(known) || known.stop().isPresent();
        boolean isLatest = known.stop()
                .filter(stop -> stop.at().isAfter(notice.noticedAt()))
                .isEmpty();
        return wasAway && isLatest && !known.changed().isEmpty()
                ? back.with(Optional.of(new Stop(notice.noticedAt(), true)))
                : back;
    }

    /** An update that was overtaken, by a later one or by the end of it all. */
    private static boolean isOlder(Journal journal, Notice notice) {
        String cause = notice.interruption().id().cause();
        return Stream.concat(
                        journal.causes().stream().map(live -> new Settled(live.id(), live.noticedAt())),
                        journal.settled().stream())
                .filter(known -> known.id().cause().equals(cause))
                .anyMatch(known -> notice.noticedAt().isBefore(known.noticedAt()));
    }

    private static Optional<Cause> cause(Notice notice, Effect effect, Optional<Instant> goneAt) {
        Interruption interruption = notice.interruption();
        return Optional.of(new Cause(
                interruption.id(),
                interruption.kind(),
                effect,
                notice.noticedAt(),
                notice.receivedAt(),
                goneAt,
                false));
    }

    /** Of one whose window cannot be read it is not known when the instance goes, only that it will. */
    private static Cause scheduled(Optional<Window> window, Notice notice) {
        Interruption interruption = notice.interruption();
        return new Cause(
                interruption.id(),
                interruption.kind(),
                Effect.STOPS,
                notice.noticedAt(),
                notice.receivedAt(),
                window.map(known -> assumedGone(known, notice.receivedAt())),
                false,
                window);
    }

    /** Within its window, and if that is over, when it ended. */
    private static Instant assumedGone(Window window, Instant knownSince) {
        Instant allowed = Deadlines.later(window.startsAt(), knownSince.plus(WITHIN_A_WINDOW));
        return Deadlines.earlier(allowed, window.endsAt());
    }

    /** Where the instance may come back, and none of these ends it for good. */
    static Optional<Stop> stopOf(List<Cause> causes, Instant now) {
        boolean ends =
                causes.stream().anyMatch(cause -> cause.effect() == Effect.ENDS || cause.effect() == Effect.ENDED);
        Optional<Stop> off = causes.stream()
                .filter(cause -> cause.effect() == Effect.STOPPED)
                .map(cause -> new Stop(cause.noticedAt(), true))
                .findFirst();
        Optional<Stop> stops = causes.stream()
                .filter(cause -> cause.effect() == Effect.STOPS)
                .map(cause -> new Stop(stopsFrom(cause).orElse(now), false))
                .findFirst();
        return ends ? Optional.empty() : off.or(() -> stops);
    }

    /** The first moment at which it may stop for this: not before the window, nor before it was received. */
    private static Optional<Instant> stopsFrom(Cause cause) {
        return cause.window()
                .map(window -> Deadlines.later(window.startsAt(), cause.receivedAt()))
                .or(cause::goneAt);
    }

    static boolean isUnderWay(Journal journal) {
        return journal.state() == State.OPEN;
    }
}
