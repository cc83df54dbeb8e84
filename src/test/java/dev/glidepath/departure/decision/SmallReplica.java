package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.decision.SmallWorld.SmallNode;
import dev.glidepath.departure.decision.SmallWorld.View;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.departure.snapshot.Notice;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One replica, as a value: what its process remembers, what its watches show, and what it has under way.
 *
 * @param number which of them
 * @param process the how manieth of its processes it is
 * @param late what its watches show while they are behind
 * @param own the node as the API server answered last, while the watch is behind that
 * @param listing when and with which pods the watch of pods began
 * @param idle whether it knows of no departure
 * @param woken whether something has changed since it looked
 * @param underWay what it has started and not heard of yet
 * @param givenUp of these, what is wanted no more
 * @param knowsToken whether it can complete the hook
 * @param wentAt when it saw the node go; empty before that, and where it never saw one
 * @param askedAt when it last asked for all nodes
 * @param past what this process has done, for the rules alone
 */
record SmallReplica(
        int number,
        int process,
        boolean alive,
        Optional<Late> late,
        Optional<SmallNode> own,
        List<Notice> notices,
        Remembered memory,
        Optional<Listing> listing,
        boolean idle,
        boolean woken,
        Instant lookAgainAt,
        Map<Action, Sent> underWay,
        Set<Action.Key> givenUp,
        boolean knowsToken,
        boolean hasSeen,
        Optional<Instant> wentAt,
        Optional<Instant> seenByAnotherAt,
        Instant askedAt,
        Debts debts,
        Past past) {

    SmallReplica {
        notices = List.copyOf(notices);
        underWay = Map.copyOf(underWay);
        givenUp = Set.copyOf(givenUp);
    }

    /** What a watch shows that is behind, and since when it is. */
    record Late(View view, Instant since) {}

    /** The pods that were there when they were first listed, by UID. */
    record Listing(Instant at, Set<String> pods) {
        Listing {
            pods = Set.copyOf(pods);
        }
    }

    /**
     * An act that was started.
     *
     * @param outcome what has come of it, once it took effect, and is not heard of yet
     * @param node what the answer says that the node is like, if it does
     * @param looked whether the process has looked since: it looks once before an answer that is late, and no more
     */
    record Sent(Optional<Outcome> outcome, Optional<SmallNode> node, boolean looked) {
        static final Sent NOW = new Sent(Optional.empty(), Optional.empty(), false);

        Sent withLook() {
            return new Sent(outcome, node, outcome.isPresent());
        }
    }

    /** What its Lease is to tell. */
    record Debts(boolean hadHooks, boolean hasPendingHooks, boolean hasActions) {
        static final Debts NONE = new Debts(false, false, false);
    }

    /**
     * What a process has done.
     *
     * @param agreed the pods, by UID, that it asked with success
     * @param refused those whose last call was refused
     * @param wrote the version of the node that it wrote last
     * @param completed whether it was told that the hook is completed
     */
    record Past(Set<String> agreed, Set<String> refused, int wrote, boolean completed) {
        static final Past NONE = new Past(Set.of(), Set.of(), -1, false);

        Past {
            agreed = Set.copyOf(agreed);
            refused = Set.copyOf(refused);
        }
    }

    /** A process that begins, and has listed what there is. */
    static SmallReplica begun(int number, int process, boolean hasSeen, Instant now) {
        return new SmallReplica(
                number,
                process,
                true,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Remembered.NOTHING,
                Optional.empty(),
                true,
                false,
                Instant.MAX,
                Map.of(),
                Set.of(),
                false,
                hasSeen,
                Optional.empty(),
                Optional.empty(),
                now,
                Debts.NONE,
                Past.NONE);
    }

    String holder() {
        return "glidepath-" + number + "/" + process;
    }

    /** What it sees of the cluster: what its watches show, and of its own writes what the API server answered. */
    View sees(SmallWorld world) {
        return late.map(Late::view)
                .map(view -> own.filter(node -> node.version() > view.node().version())
                        .map(view::with)
                        .orElse(view))
                .orElse(world.truth());
    }

    SmallReplica with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.replica();
    }

    /** A copy that can be changed. */
    static final class Draft {
        final int number;
        final int process;
        boolean alive;
        Optional<Late> late;
        Optional<SmallNode> own;
        List<Notice> notices;
        Attempts attempts;
        private final Remembered before;
        Optional<Listing> listing;
        boolean idle;
        boolean woken;
        Instant lookAgainAt;
        Map<Action, Sent> underWay;
        Set<Action.Key> givenUp;
        boolean knowsToken;
        boolean hasSeen;
        Optional<Instant> wentAt;
        Optional<Instant> seenByAnotherAt;
        Instant askedAt;
        Debts debts;
        Past past;

        private Draft(SmallReplica replica) {
            number = replica.number;
            process = replica.process;
            alive = replica.alive;
            late = replica.late;
            own = replica.own;
            notices = new ArrayList<>(replica.notices);
            before = replica.memory;
            attempts = before.attempts();
            listing = replica.listing;
            idle = replica.idle;
            woken = replica.woken;
            lookAgainAt = replica.lookAgainAt;
            underWay = new HashMap<>(replica.underWay);
            givenUp = new HashSet<>(replica.givenUp);
            knowsToken = replica.knowsToken;
            hasSeen = replica.hasSeen;
            wentAt = replica.wentAt;
            seenByAnotherAt = replica.seenByAnotherAt;
            askedAt = replica.askedAt;
            debts = replica.debts;
            past = replica.past;
        }

        private SmallReplica replica() {
            return new SmallReplica(
                    number,
                    process,
                    alive,
                    late,
                    own,
                    notices,
                    before.attempts() == attempts ? before : new Remembered(attempts),
                    listing,
                    idle,
                    woken,
                    lookAgainAt,
                    underWay,
                    givenUp,
                    knowsToken,
                    hasSeen,
                    wentAt,
                    seenByAnotherAt,
                    askedAt,
                    debts,
                    past);
        }
    }
}
