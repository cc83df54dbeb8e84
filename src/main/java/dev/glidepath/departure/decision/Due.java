package dev.glidepath.departure.decision;

import dev.glidepath.event.Interruption.Window;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.Kind;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is due for a node now.
 *
 * @param merged the node's journal with all new notices
 * @param causes those of it for which something is to be done now
 * @param deadlines of those that are neither answered nor lapsed
 * @param isLimited whether nothing forces the departure, and so many other nodes depart that it waits
 */
record Due(Journal merged, List<Cause> causes, Deadlines deadlines, boolean isLimited) {
    /** A departure begins this long before its deadline, however many others depart: as long as a hook's drain has at least. */
    static final Duration LIMIT_ENDS = Duration.ofMinutes(15);

    /** The other departures that hold back this one may end any moment. */
    static final Duration LIMIT_CHECKED_EVERY = Duration.ofSeconds(15);

    Due {
        causes = List.copyOf(causes);
    }

    static Due of(DecisionContext context, JournaledNode node, Journal merged) {
        boolean begins = !node.isUnderWay() && !dueIn(merged, context).isEmpty();
        return of(context, begins ? Causes.begunLate(merged, context.now()) : merged);
    }

    private static Due of(DecisionContext context, Journal merged) {
        List<Cause> causes = dueIn(merged, context);
        Deadlines deadlines = Deadlines.ofLive(merged, context);
        return new Due(merged, causes, deadlines, isLimited(context, causes, deadlines.earliest()));
    }

    private static boolean isLimited(DecisionContext context, List<Cause> causes, Instant deadline) {
        boolean isVoluntary = causes.stream().allMatch(cause -> cause.kind().isVoluntary());
        return isVoluntary
                && context.snapshot().conditions().tooManyDepart()
                && (deadline.equals(Instant.MAX) || context.now().isBefore(deadline.minus(LIMIT_ENDS)));
    }

    private static List<Cause> dueIn(Journal journal, DecisionContext context) {
        return journal.causes().stream()
                .filter(cause -> !cause.answered()
                        && !Deadlines.isLapsed(cause, context.now())
                        && !context.now().isBefore(at(cause, context)))
                .toList();
    }

    /** When something is to be done for this cause. */
    static Instant at(Cause cause, DecisionContext context) {
        if (cause.kind() != Kind.SCHEDULED_CHANGE) {
            return cause.noticedAt();
        }
        Optional<Instant> begins = cause.window().map(Window::startsAt).or(cause::goneAt);
        return begins.orElse(context.now()).minus(context.policy().leadTime());
    }

    boolean isEmpty() {
        return causes.isEmpty();
    }

    Set<InterruptionId> ids() {
        return causes.stream().map(Cause::id).collect(Collectors.toUnmodifiableSet());
    }

    /** The due causes that this journal does not have as live. */
    List<Cause> newTo(Journal journal) {
        return causes.stream().filter(cause -> !journal.isLive(cause.id())).toList();
    }
}
