package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Termination;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.replica.LeaseBoard;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * All that is outside of the replicas, as a value: the API server, the queue, Auto Scaling, and the faults that may yet come.
 *
 * @param room how many pods the budget lets go
 * @param roomSince since when
 * @param messages how far each message has come
 * @param hookOver whether the lifecycle action was completed
 * @param underWay requests of processes that have died, which may yet arrive
 * @param crashes how many processes may yet die
 * @param delays how often a watch may yet fall behind
 */
record SmallWorld(
        Instant now,
        View truth,
        int room,
        Instant roomSince,
        Map<Word, Message> messages,
        boolean hookOver,
        LeaseBoard leases,
        Set<Orphan> underWay,
        int crashes,
        int delays) {

    SmallWorld {
        messages = Map.copyOf(messages);
        underWay = Set.copyOf(underWay);
    }

    /** What is announced. */
    enum Word {
        SPOT,
        ASG
    }

    /**
     * One message.
     *
     * @param deliveries how often the queue has delivered it
     */
    record Message(int deliveries, boolean deleted) {}

    /** A request that was sent by a process which has died. */
    record Orphan(String holder, Action action) {}

    /** What a watch shows of the cluster. */
    record View(SmallNode node, List<SmallPod> pods) {
        View {
            pods = List.copyOf(pods);
        }

        View with(SmallNode other) {
            return new View(other, pods);
        }

        View with(SmallPod pod) {
            List<SmallPod> all = new ArrayList<>(pods);
            all.replaceAll(before -> before.name().equals(pod.name()) ? pod : before);
            return new View(node, all);
        }

        SmallPod pod(String uid) {
            return pods.stream()
                    .filter(pod -> pod.pod().ref().uid().equals(uid))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /**
     * The Node object.
     *
     * @param version grows with each write
     */
    record SmallNode(boolean exists, String text, Optional<Journal> journal, Set<Change> changed, int version) {
        static final SmallNode NONE = new SmallNode(false, "", Optional.empty(), Set.of(), -1);
        static final SmallNode BLANK = new SmallNode(true, "", Optional.empty(), Set.of(), 0);

        SmallNode {
            changed = Set.copyOf(changed);
        }

        SmallNode written(Journal journal, Set<Change> changed) {
            Journal held = journal.withoutChanged(EnumSet.allOf(Change.class)).withChanged(changed);
            return new SmallNode(true, held.text(), Journal.parse(held.text()), changed, version + 1);
        }

        @Override
        public boolean equals(Object other) {
            return this == other
                    || (other instanceof SmallNode that
                            && exists == that.exists
                            && version == that.version
                            && text.equals(that.text)
                            && changed.equals(that.changed));
        }

        @Override
        public int hashCode() {
            return 31 * text.hashCode() + version;
        }
    }

    /** Where a pod stands. */
    enum Phase {
        RUNS,
        ENDS,
        GONE
    }

    /**
     * A pod.
     *
     * @param pod as the API server has it, or had it
     * @param askedAt when its containers were asked to end
     */
    record SmallPod(Phase phase, Pod pod, Optional<Instant> askedAt) {
        String name() {
            return pod.ref().name();
        }

        SmallPod ending(Termination termination, Instant now) {
            return new SmallPod(
                    Phase.ENDS, SamplePod.like(pod).terminating(termination).build(), Optional.of(now));
        }

        SmallPod gone() {
            return new SmallPod(Phase.GONE, pod, askedAt);
        }

        @Override
        public int hashCode() {
            return 31 * pod.ref().hashCode() + 7 * phase.name().hashCode() + askedAt.hashCode();
        }

        @Override
        public boolean equals(Object other) {
            return this == other
                    || (other instanceof SmallPod that
                            && phase == that.phase
                            && askedAt.equals(that.askedAt)
                            && pod.equals(that.pod));
        }
    }

    SmallWorld at(Instant then) {
        return new SmallWorld(then, truth, room, roomSince, messages, hookOver, leases, underWay, crashes, delays);
    }

    SmallWorld with(View other) {
        return new SmallWorld(now, other, room, roomSince, messages, hookOver, leases, underWay, crashes, delays);
    }

    SmallWorld with(SmallPod pod) {
        return with(truth.with(pod));
    }

    SmallWorld withRoom(int other) {
        return new SmallWorld(now, truth, other, now, messages, hookOver, leases, underWay, crashes, delays);
    }

    SmallWorld with(Word word, UnaryOperator<Message> change) {
        Map<Word, Message> all = new EnumMap<>(messages);
        all.computeIfPresent(word, (_, message) -> change.apply(message));
        return new SmallWorld(now, truth, room, roomSince, all, hookOver, leases, underWay, crashes, delays);
    }

    SmallWorld withHookOver() {
        return new SmallWorld(now, truth, room, roomSince, messages, true, leases, underWay, crashes, delays);
    }

    SmallWorld with(LeaseBoard other) {
        return new SmallWorld(now, truth, room, roomSince, messages, hookOver, other, underWay, crashes, delays);
    }

    SmallWorld withUnderWay(Set<Orphan> other) {
        return new SmallWorld(now, truth, room, roomSince, messages, hookOver, leases, other, crashes, delays);
    }

    SmallWorld without(Orphan arrived) {
        Set<Orphan> others = new HashSet<>(underWay);
        others.remove(arrived);
        return withUnderWay(others);
    }

    SmallWorld afterCrash() {
        return new SmallWorld(now, truth, room, roomSince, messages, hookOver, leases, underWay, crashes - 1, delays);
    }

    SmallWorld afterDelay() {
        return new SmallWorld(now, truth, room, roomSince, messages, hookOver, leases, underWay, crashes, delays - 1);
    }

    Message message(Word word) {
        return Optional.ofNullable(messages.get(word)).orElseThrow();
    }
}
