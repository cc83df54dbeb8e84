package dev.glidepath.departure;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.node.KubeNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What a departure does about the nodes of its instance: one work for each, by the nodes' names; where there is no node, one all the
 * same. Changed by the departure's loop alone, read by any thread.
 */
final class NodeWorks {
    private final Function<Attempts, NodeWork> made;
    private volatile List<NodeWork> works;

    /**
     * @param made makes one about no node yet, given what was tried already
     */
    NodeWorks(Function<Attempts, NodeWork> made) {
        this.made = made;
        this.works = List.of(made.apply(Attempts.none()));
    }

    /** All of them, one at least. */
    List<NodeWork> all() {
        return works;
    }

    /** What is asked about the instance, rather than about one of its nodes, any of them knows. */
    NodeWork any() {
        return works.getFirst();
    }

    /** All but this one. */
    Stream<NodeWork> others(NodeWork work) {
        return works.stream().filter(other -> other != work);
    }

    /**
     * One for each node. The first node takes the place of none; a node that is gone while others are there is done with; of the
     * last one it is decided what follows from its being gone.
     */
    void follow(List<KubeNode> there) {
        List<NodeWork> before = works;
        List<NodeWork> next = new ArrayList<>();
        for (KubeNode node : there) {
            next.add(Stream.concat(
                            before.stream().filter(work -> work.isOf(node.name())),
                            before.stream().filter(NodeWork::isOfNone))
                    .findFirst()
                    .orElseGet(() ->
                            made.apply(Attempts.none().sharing(before.getFirst().attempts())))
                    .about(node.name()));
        }
        if (next.isEmpty()) {
            next.add(before.getFirst());
        }
        before.stream().filter(work -> !next.contains(work)).forEach(NodeWork::close);
        works = List.copyOf(next);
    }

    /** What one of them starts for the instance, all of them remember. */
    void shareStarted(Instant now) {
        for (NodeWork work : works) {
            List<Action> ofInstance = work.decision().actions().stream()
                    .filter(Action::isOfInstance)
                    .toList();
            others(work).forEach(other -> other.othersStart(ofInstance, now));
        }
    }

    /** Gives up all that waits for its turn, and looks no more. */
    void close() {
        works.forEach(NodeWork::close);
    }
}
