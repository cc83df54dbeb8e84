package dev.glidepath.departure.snapshot;

import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Effect;
import dev.glidepath.node.Journal.Term;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Whose departure it is, as far as can be seen.
 *
 * @param us what a journal says when it is ours
 * @param mayActUntil until when our Lease lets us write: after that another replica may believe us dead
 */
public record Claim(String us, Instant mayActUntil, Holding holding) {
    /** How much longer than its holder the others trust a Lease. */
    private static final Duration OTHERS_WAIT_FOR = Duration.ofSeconds(5);
    /** Long after the instance should be gone. */
    private static final Duration ABANDONED_AFTER_DEADLINE = Duration.ofHours(1);

    /** A departure without a deadline honours budgets for as long as they hold it back. */
    private static final Duration ABANDONED_WHEN_CALM = Duration.ofDays(1);

    /** In this time a holder that lives sees in the journal what others wrote there, and journals its deadline. */
    private static final Duration TURNS_TO_IT_WITHIN = Duration.ofSeconds(15);

    private static final Duration CLOCKS_DIFFER_BY = Duration.ofMinutes(5);

    /** Who holds a departure. */
    public sealed interface Holding {
        /** No replica. */
        record Nobody() implements Holding {}

        /** We do. */
        record Us() implements Holding {}

        /**
         * Another replica.
         *
         * @param freeAt when it counts as dead, if it does not show that it lives before
         * @param ofOtherRelease whether it belongs to another release, of which little can be seen: perhaps it lives all the same
         */
        record Other(String holder, Instant freeAt, boolean ofOtherRelease) implements Holding {
            /** One of our own release. */
            public Other(String holder, Instant freeAt) {
                this(holder, freeAt, false);
            }
        }
    }

    /** Whether we may write. */
    public boolean mayAct(Instant now) {
        return now.isBefore(mayActUntil);
    }

    /** When others may take over what we hold, if our Lease is not renewed before: they see it stand still for a while first. */
    public Instant mayBeTakenAt() {
        return mayActUntil.isAfter(Instant.MAX.minus(OTHERS_WAIT_FOR))
                ? Instant.MAX
                : mayActUntil.plus(OTHERS_WAIT_FOR);
    }

    /**
     * When it is free, as far as is known now; long past where it is ours. One of another release is left alone until
     * no replica can be at work on it.
     *
     * @param journalSince since when the journal has read so
     */
    public Instant freeAt(Journal journal, Instant journalSince, Instant now) {
        return switch (holding) {
            case Holding.Nobody _, Holding.Us _ -> Instant.MIN;
            case Holding.Other(var _, Instant freeAt, boolean ofOtherRelease) -> {
                Instant abandonedAt = abandonedAt(journal, journalSince, now);
                yield ofOtherRelease && freeAt.isBefore(abandonedAt) ? abandonedAt : freeAt;
            }
        };
    }

    private static Instant abandonedAt(Journal journal, Instant journalSince, Instant now) {
        if (journal.start().isAfter(now.plus(CLOCKS_DIFFER_BY))) {
            return Instant.MIN; // nobody began it
        }
        Instant longAfter = journal.term()
                .map(term -> term.deadline().plus(ABANDONED_AFTER_DEADLINE))
                .orElseGet(() -> journal.start().plus(ABANDONED_WHEN_CALM));
        Instant turnedTo = journalSince.plus(TURNS_TO_IT_WITHIN);
        return ignoresACause(journal) && turnedTo.isBefore(longAfter) ? turnedTo : longAfter;
    }

    /**
     * Whether something takes the instance, and the journal's deadline is not of it: a holder that lives journals the earliest, and
     * none once the instance is going.
     */
    private static boolean ignoresACause(Journal journal) {
        List<Cause> taking = journal.causes().stream()
                .filter(cause -> !cause.answered() && cause.effect() != Effect.NONE)
                .toList();
        boolean isGoing = taking.stream()
                .anyMatch(cause -> cause.goneAt()
                        .filter(goneAt -> !goneAt.isAfter(cause.receivedAt()))
                        .isPresent());
        if (isGoing) {
            return journal.term().isPresent();
        }
        Instant deadline = journal.term().map(Term::deadline).orElse(Instant.MAX);
        return taking.stream()
                .anyMatch(cause -> cause.goneAt().map(deadline::isAfter).orElse(deadline.equals(Instant.MAX)));
    }
}
