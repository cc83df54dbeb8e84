package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.decision.Play.Place;
import dev.glidepath.departure.decision.PlayedReach.Side;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.departure.snapshot.Claim;
import dev.glidepath.departure.snapshot.Claim.Holding;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** One replica in a {@link Play}: what its process remembers, and the Lease by which others tell that it lives. */
final class PlayedReplica {
    private static final Duration MAY_ACT = Duration.ofSeconds(10);
    private static final Duration COUNTS_AS_DEAD = Duration.ofSeconds(15);

    /** So long watches may show nothing before it takes notice. */
    static final Duration VIEW_IS_FRESH_FOR = Duration.ofSeconds(20);

    private final String name;
    private int process = 1;
    private Optional<Instant> renewedLast = Optional.empty();

    final List<Notice> notices = new ArrayList<>();
    boolean dead;

    private final Map<Place, Memory> memories = new LinkedHashMap<>();

    /** What it knows of what was done about one node. */
    static final class Memory {
        Attempts attempts = Attempts.none();
        Optional<Instant> listedAt = Optional.empty();
    }

    /** What it saw when it looked last, with what it remembered afterwards. */
    private List<Snapshot> seen = List.of();

    final PlayedView view = new PlayedView();
    final PlayedReach reach = new PlayedReach();

    /** When the API server answered it last what a node is like: to a write, or after a conflict. */
    private final Map<Place, Instant> answeredAt = new HashMap<>();

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
        answeredAt.clear();
        forgets();
    }

    void forgets() {
        memories.clear();
        seen = List.of();
        idle = true;
    }

    /** It has looked, and remembers what it does. */
    void hasLooked(List<Snapshot> snapshots, List<Place> places) {
        List<Snapshot> remembered = new ArrayList<>();
        for (int each = 0; each < snapshots.size(); each++) {
            remembered.add(withAttempts(snapshots.get(each), of(places.get(each)).attempts));
        }
        seen = remembered;
    }

    /** Whether anything is otherwise than when it looked last; that a holder goes on renewing its Lease is no news. */
    boolean hasNews(List<Snapshot> snapshots) {
        if (seen.size() != snapshots.size()) {
            return true;
        }
        for (int each = 0; each < seen.size(); each++) {
            if (!isSame(seen.get(each), snapshots.get(each))) {
                return true;
            }
        }
        return false;
    }

    private static Snapshot withAttempts(Snapshot snapshot, Attempts attempts) {
        return new Snapshot(
                snapshot.instance(),
                snapshot.node(),
                snapshot.siblings(),
                snapshot.claim(),
                snapshot.pods(),
                snapshot.budgets(),
                snapshot.attached(),
                snapshot.conditions(),
                snapshot.notices(),
                snapshot.announced(),
                attempts);
    }

    private static boolean isSame(Snapshot before, Snapshot now) {
        return before.attempts() == now.attempts()
                && before.notices().equals(now.notices())
                && before.conditions().equals(now.conditions())
                && before.node().equals(now.node())
                && before.siblings().equals(now.siblings())
                && isSame(before.claim(), now.claim())
                && before.announced().equals(now.announced())
                && before.budgets().equals(now.budgets())
                && before.attached().equals(now.attached())
                && before.pods().equals(now.pods());
    }

    private static boolean isSame(Claim before, Claim now) {
        return before.mayActUntil().equals(now.mayActUntil())
                && holderOf(before.holding()).equals(holderOf(now.holding()));
    }

    /** Whatever time it is given. */
    private static Holding holderOf(Holding holding) {
        return holding instanceof Holding.Other(String holder, var _, boolean ofOtherRelease)
                ? new Holding.Other(holder, Instant.MIN, ofOtherRelease)
                : holding;
    }

    /** Those of other nodes it forgets, but for what was done for the instance. Returns the nodes that it forgets. */
    Set<Place> remembersOnly(List<Place> places) {
        Set<Place> forgotten = new HashSet<>(memories.keySet());
        places.forEach(forgotten::remove);
        Attempts known = memories.values().stream()
                .findFirst()
                .map(memory -> memory.attempts)
                .orElseGet(Attempts::none);
        memories.keySet().retainAll(places);
        places.forEach(place -> memories.computeIfAbsent(place, _ -> {
            Memory memory = new Memory();
            memory.attempts = Attempts.none().sharing(known);
            return memory;
        }));
        return forgotten;
    }

    void isAnswered(Place place, Instant now) {
        answeredAt.put(place, now);
    }

    Instant answeredAt(Place place) {
        return answeredAt.getOrDefault(place, Instant.MIN);
    }

    Memory of(Place place) {
        return memories.computeIfAbsent(place, _ -> new Memory());
    }

    List<Memory> others(Place place) {
        return memories.entrySet().stream()
                .filter(memory -> !memory.getKey().equals(place))
                .map(Map.Entry::getValue)
                .toList();
    }

    void ended(Place place, Action action, Outcome outcome, Instant now, Random random) {
        Memory memory = of(place);
        memory.attempts = memory.attempts.ended(action, outcome, now, random);
        if (action.isOfInstance()) {
            others(place).forEach(other -> other.attempts = other.attempts.ended(action, outcome, now, random));
        }
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

    /** Whether its watches show the cluster as it is, as far as it has taken notice. */
    boolean seesTheCluster(Instant now) {
        return viewIsFresh && !reach.isCutOffFrom(Side.CLUSTER, VIEW_IS_FRESH_FOR, now);
    }

    boolean canAct(Instant now) {
        return !dead && seesTheCluster(now) && now.isBefore(mayActUntil());
    }

    /** When others may take over from it. */
    Instant freeAt(Instant now) {
        return renewedLast.orElse(now).plus(COUNTS_AS_DEAD);
    }
}
