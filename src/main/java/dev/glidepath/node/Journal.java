package dev.glidepath.node;

import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.Window;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a node remembers of its departure, in one annotation: the next replica can continue from it, recognize a duplicate, and
 * undo what we changed and nothing else. Its text is written by {@link JournalWriter} and read by {@link JournalReader}.
 *
 * @param state how far the departure is
 * @param holder the replica that carries it out; empty while nobody does
 * @param start when the departure began
 * @param term the present deadline; empty where there is none
 * @param longestGrace the longest grace among the pods when they were first seen, once that matters
 * @param causes the interruptions that are live
 * @param hooks a copy of each lifecycle action that is pending
 * @param changed what we changed on the node, and found otherwise
 * @param stop when the instance stopped, or was to stop, if it may come back
 * @param goneBy when the instance is gone for sure if what was announced comes true, of a departure that is settled
 * @param settled the interruptions settled last, the newest at the end; at most {@value #MOST_SETTLED}
 * @param unknown what another build wrote that this one does not know: kept as it is
 */
public record Journal(
        State state,
        Optional<String> holder,
        Instant start,
        Optional<Term> term,
        Optional<Duration> longestGrace,
        List<Cause> causes,
        List<Hook> hooks,
        Set<Change> changed,
        Optional<Stop> stop,
        Optional<Instant> goneBy,
        List<Settled> settled,
        UnknownParts unknown) {

    /**
     * The version that we write, and the highest that we read. It grows when an older build could not act rightly on what a newer
     * one wrote; a new field or word alone does not make it grow.
     */
    public static final int VERSION = 1;

    /** Where it stands on the Node. */
    static final String ANNOTATION = "glidepath.dev/departure";

    static final int MOST_SETTLED = 20;

    /**
     * More is not taken in: all annotations of a node together have no more than 256 KiB.
     *
     * @see <a href="https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/">Annotations</a>
     */
    static final int MOST_BYTES = 128 * 1024;

    public Journal {
        causes = List.copyOf(causes);
        hooks = List.copyOf(hooks);
        changed = Set.copyOf(changed);
        settled = List.copyOf(settled.subList(Math.max(0, settled.size() - MOST_SETTLED), settled.size()));
    }

    /** What a text turns out to be. */
    public sealed interface Reading {
        /** There is none. */
        record None() implements Reading {}

        /** A journal. */
        record Read(Journal journal) implements Reading {}

        /** A journal of a later version than we can read; every version says which replica holds the departure. */
        record Newer(int version, Optional<String> holder) implements Reading {}

        /** No journal: the text is broken. */
        record Broken() implements Reading {}
    }

    /** How far a departure is. */
    public enum State {
        /** Nothing is to be done now: it is not due yet, or done and to be undone later. No replica holds it. */
        PLANNED,
        /** Under way: held by a replica, or to be continued by one. */
        OPEN,
        /** Nothing is pending; kept until the node is deleted. */
        SETTLED
    }

    /** What we may change on a node. */
    public enum Change {
        UNSCHEDULABLE,
        TAINT,
        SOFT_TAINT,
        LOAD_BALANCER_LABEL,
        OUT_OF_SERVICE
    }

    /** What an interruption does to the instance. */
    public enum Effect {
        /** Nothing yet: it is only at risk. */
        NONE,
        /** It ends, and does not come back. */
        ENDS,
        /** It stops, and may come back. */
        STOPS,
        /** It has ended. */
        ENDED,
        /** It is off, and may come back. */
        STOPPED
    }

    /** A deadline, and since when it holds. */
    public record Term(Instant deadline, Instant since) {}

    /**
     * An interruption that is live.
     *
     * @param noticedAt when AWS announced it, by our clock
     * @param receivedAt when the first replica received it
     * @param goneAt when the instance must be assumed gone; empty where nothing is known, or a hook says it
     * @param answered whether what it asks for is done, and only its end is waited for
     * @param window when it is done to the instance, where that is a span of time
     */
    public record Cause(
            InterruptionId id,
            Kind kind,
            Effect effect,
            Instant noticedAt,
            Instant receivedAt,
            Optional<Instant> goneAt,
            boolean answered,
            Optional<Window> window) {

        /** What is done at once, or at one moment. */
        public Cause(
                InterruptionId id,
                Kind kind,
                Effect effect,
                Instant noticedAt,
                Instant receivedAt,
                Optional<Instant> goneAt,
                boolean answered) {
            this(id, kind, effect, noticedAt, receivedAt, goneAt, answered, Optional.empty());
        }

        /** The same, with nothing left to do for it. */
        public Cause whenAnswered() {
            return new Cause(id, kind, effect, noticedAt, receivedAt, goneAt, true, window);
        }

        /** The same, with the instance to be assumed gone then. */
        public Cause withGoneAt(Instant at) {
            return new Cause(id, kind, effect, noticedAt, receivedAt, Optional.of(at), answered, window);
        }

        /** Whether the other announces the same interruption, perhaps with other words. */
        public boolean isOf(InterruptionId other) {
            return id.cause().equals(other.cause());
        }
    }

    /**
     * A pending lifecycle action, with the times its deadline is made of. It does not prove whose the hook is: every client that may
     * change the node may write this.
     *
     * @param cause the interruption it holds the instance for
     */
    public record Hook(InterruptionId cause, LifecycleAction action, Instant noticedAt, Instant firstReceivedAt) {}

    /**
     * An instance that may come back.
     *
     * @param proven whether it was off then for sure; if not, only a node that turned Ready later is back
     */
    public record Stop(Instant at, boolean proven) {}

    /**
     * An interruption for which nothing is pending any more.
     *
     * @param noticedAt when AWS announced it: what is older than that is not new
     * @param hookCompleted whether the replica that settled it completed its hook, or left it to expire, as one of ours
     */
    public record Settled(InterruptionId id, Instant noticedAt, boolean hookCompleted) {
        /** One that had no hook, or whose hook was left to others. */
        public Settled(InterruptionId id, Instant noticedAt) {
            this(id, noticedAt, false);
        }
    }

    /** One without any cause. */
    public static Journal empty(Instant start) {
        return new JournalDraft(start).journal();
    }

    /** Reads an annotation's text. */
    public static Reading read(String text) {
        return JournalReader.read(text);
    }

    /** The journal that an annotation's text is; empty where it is none, or none that we can read. */
    public static Optional<Journal> parse(String text) {
        return read(text) instanceof Reading.Read(Journal journal) ? Optional.of(journal) : Optional.empty();
    }

    /** The annotation's text. */
    public String text() {
        return JournalWriter.text(this);
    }

    /** Whether its text is short enough to be written. */
    public boolean fits() {
        return text().getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES;
    }

    /** Whether this interruption is known here and to be acted on. */
    public boolean isLive(InterruptionId id) {
        return causes.stream().anyMatch(cause -> cause.id().equals(id));
    }

    /** Whether there are causes that only another build knows. */
    public boolean hasUnknownCauses() {
        return unknown.causes() > 0;
    }

    /** Whether all that was pending for this interruption is complete. */
    public boolean isSettled(InterruptionId id) {
        return settled.stream().anyMatch(done -> done.id().equals(id));
    }

    /** Whether nothing is pending for the hook of this interruption either: a replica completed it as one of ours. */
    public boolean isHookCompleted(InterruptionId id) {
        return settled.stream().anyMatch(done -> done.id().equals(id) && done.hookCompleted());
    }

    /** In this state, held by no replica; the same start. */
    public Journal in(State next) {
        return with(draft -> draft.release(next));
    }

    /** Under way, and held by this replica. */
    public Journal heldBy(String replica) {
        return with(draft -> draft.hold(replica));
    }

    /** A departure that begins then. */
    public Journal startedAt(Instant begin) {
        return with(draft -> draft.start(begin));
    }

    /** With this deadline, and the longest grace it was computed from. */
    public Journal with(Optional<Term> deadline, Optional<Duration> longest) {
        return with(draft -> draft.limit(deadline, longest));
    }

    /** With this cause, in the place of what was known of it before. */
    public Journal with(Cause cause) {
        return with(draft -> draft.put(cause));
    }

    /** With one more pending hook, unless it is known. */
    public Journal with(Hook hook) {
        return with(draft -> draft.add(hook));
    }

    /**
     * Without the hooks that hold another instance, and without those that hold this one for nothing that is live here: no replica of
     * ours wrote them. Those for causes that only another build knows stay.
     */
    public Journal about(InstanceId instance) {
        return with(draft -> draft.removeHooksOfOthers(instance));
    }

    /**
     * The same, where nothing was announced or received later than now: with a time far ahead a client that may change the node could
     * have a hook waited for, or the node kept from pods, for as long as it likes. When the instance stops, and deadlines, may lie ahead.
     */
    public Journal heardBy(Instant now) {
        return with(draft -> draft.cutTimesAfter(now));
    }

    /** With an instance that may come back. */
    public Journal with(Optional<Stop> stopped) {
        return with(draft -> draft.stop(stopped));
    }

    /** With an instance that is gone by then, or by a later time that is known; one that is well after that has survived. */
    public Journal goneBy(Instant latest) {
        return with(draft -> draft.extendGoneBy(latest));
    }

    /** With an instance that is not going away any more, and that is not away. */
    public Journal whenHere() {
        return with(JournalDraft::forgetAbsence);
    }

    /** With nothing pending for this interruption, which was perhaps never live. */
    public Journal settle(Settled done) {
        return with(draft -> draft.add(done));
    }

    /** With nothing pending any more for these live interruptions. */
    public Journal settle(Set<InterruptionId> done) {
        return with(draft -> draft.settle(done));
    }

    /** With the hooks completed that these settled interruptions had. */
    public Journal withHooksCompleted(Set<InterruptionId> completed) {
        return with(draft -> draft.completeHooks(completed));
    }

    /** Remembering what we changed on top of what we had changed before. */
    public Journal withChanged(Set<Change> more) {
        return with(draft -> draft.addChanged(more));
    }

    /** With these changes undone. */
    public Journal withoutChanged(Set<Change> undone) {
        return with(draft -> draft.removeChanged(undone));
    }

    private Journal with(Consumer<JournalDraft> change) {
        JournalDraft draft = new JournalDraft(this);
        change.accept(draft);
        return draft.journal();
    }
}
