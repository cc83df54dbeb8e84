package dev.glidepath.departure.decision;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One replica in a {@link Play}: what its process remembers, and the Lease by which others tell that it lives. */
final class PlayedReplica {
    private static final Duration MAY_ACT = Duration.ofSeconds(10);
    private static final Duration COUNTS_AS_DEAD = Duration.ofSeconds(15);

    private final String name;
    private int process = 1;
    private Optional<Instant> renewedLast = Optional.empty();

    final List<Notice> notices = new ArrayList<>();
    Attempts attempts = Attempts.none();
    Optional<Instant> listedAt = Optional.empty();
    boolean dead;
    boolean viewIsFresh = true;

    /** Whether it waits for what will become of a node whose departure is settled. */
    boolean isWatching;

    /** Whether there is no departure here: nothing was told yet, or it has ended. */
    boolean idle = true;

    Instant lookAgainAt = Instant.MAX;

    PlayedReplica(String name) {
        this.name = name;
    }

    String holder() {
        return name + "/" + process;
    }

    void startsAnew() {
        process++;
        forgets();
    }

    void forgets() {
        attempts = Attempts.none();
        listedAt = Optional.empty();
        idle = true;
    }

    /** From now on its Lease is not renewed. */
    void losesItsLease(Instant now) {
        renewedLast = renewedLast.or(() -> Optional.of(now));
    }

    void renewsItsLease() {
        renewedLast = Optional.empty();
    }

    Instant mayActUntil() {
        return renewedLast.map(last -> last.plus(MAY_ACT)).orElse(Instant.MAX);
    }

    boolean canAct(Instant now) {
        return !dead && viewIsFresh && now.isBefore(mayActUntil());
    }

    /** When others may take over from it. */
    Instant freeAt(Instant now) {
        return renewedLast.orElse(now).plus(COUNTS_AS_DEAD);
    }
}
