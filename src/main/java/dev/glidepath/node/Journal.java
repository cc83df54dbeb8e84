package dev.glidepath.node;

import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.Window;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * What a node remembers of its departure, in one annotation: whoever comes next can go on from it, tell a duplicate, and
 * undo what we changed and nothing else.
 *
 * @param state how far the departure is
 * @param holder the replica that carries it out; empty while nobody does
 * @param start when the departure began
 * @param term the present deadline; empty where there is none
 * @param longestGrace the longest grace among the pods when they were first seen, once that matters
 * @param causes the interruptions that are live
 * @param hooks a copy of each lifecycle action owed
 * @param changed what we changed on the node, and found otherwise
 * @param stop when the machine stopped, or was to, if it may come back
 * @param goneBy when the machine is gone for sure if what was announced comes true, of a departure that is settled
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
        Unknown unknown) {

    /**
     * The version that we write, and the highest that we read. It grows when an older build could not act rightly on what a newer
     * one wrote; a new field or word alone does not make it grow.
     */
    public static final int VERSION = 1;

    /** Where it stands on the Node. */
    static final String ANNOTATION = "glidepath.dev/departure";

    /** Where the text is kept that stood there, could not be read and was written over. */
    static final String UNREAD_ANNOTATION = "glidepath.dev/departure-unread";

    static final int MOST_SETTLED = 20;

    /**
     * More is not taken in: all annotations of a node together have no more than 256 KiB.
     *
     * @see <a href="https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/">Annotations</a>
     */
    static final int MOST_BYTES = 128 * 1024;

    /** So far the clocks of replicas may be apart. */
    private static final Duration CLOCKS_DIFFER_BY = Duration.ofMinutes(5);

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

        /** A journal of a later version than we can read; who holds the departure is said in every version. */
        record Newer(int version, Optional<String> holder) implements Reading {}

        /** No journal: somebody broke it. */
        record Broken() implements Reading {}
    }

    /**
     * Fields and words that this build does not know. They survive a rewrite.
     *
     * @param json as {@link JournalText} keeps it; empty where there are none
     * @param causes how many causes are among them: what is not known to us may be due all the same
     */
    public record Unknown(String json, int causes) {
        public static final Unknown NOTHING = new Unknown("", 0);
    }

    /** How far a departure is. */
    public enum State {
        /** Nothing is to be done now: it is not due yet, or done and to be undone later. Nobody holds it. */
        PLANNED,
        /** Under way: held by a replica, or to be gone on with. */
        OPEN,
        /** Nothing is owed; kept until the node is deleted. */
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

    /** What an interruption does to the machine. */
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

    /** A deadline, and since when it is the one that holds. */
    public record Term(Instant deadline, Instant since) {}

    /**
     * An interruption that is live.
     *
     * @param noticedAt when AWS spoke, by our clock
     * @param receivedAt when the first of us heard of it
     * @param goneAt when the machine must be assumed gone; empty where nothing is known, or a hook says it
     * @param answered whether what it asks for is done, and only its end is waited for
     * @param window when it is done to the machine, where that is a span of time
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

        /** The same, with the machine to be assumed gone then. */
        public Cause withGoneAt(Instant at) {
            return new Cause(id, kind, effect, noticedAt, receivedAt, Optional.of(at), answered, window);
        }

        private Cause withTimes(UnaryOperator<Instant> change) {
            return new Cause(
                    id, kind, effect, change.apply(noticedAt), change.apply(receivedAt), goneAt, answered, window);
        }

        /** Whether the other tells of the same interruption, perhaps with other words. */
        public boolean isOf(InterruptionId other) {
            return id.cause().equals(other.cause());
        }
    }

    /**
     * A lifecycle action owed, with the times its deadline is made of. It is no evidence of whose the hook is: whoever may change
     * the node may write this.
     *
     * @param cause the interruption it holds the instance for
     */
    public record Hook(InterruptionId cause, LifecycleAction action, Instant noticedAt, Instant firstReceivedAt) {

        private boolean isOfSameAction(Hook other) {
            return action.equals(other.action);
        }

        private Hook withTimes(UnaryOperator<Instant> change) {
            return new Hook(cause, action, change.apply(noticedAt), change.apply(firstReceivedAt));
        }
    }

    /**
     * A machine that may come back.
     *
     * @param proven whether it was off then for sure; if not, only a node that turned Ready later is back
     */
    public record Stop(Instant at, boolean proven) {}

    /**
     * An interruption for which nothing is owed any more.
     *
     * @param noticedAt when AWS spoke: what is older than that is no news
     * @param hookCompleted whether whoever settled it completed its hook, or left it to expire, as one of his own
     */
    public record Settled(InterruptionId id, Instant noticedAt, boolean hookCompleted) {
        /** One that had no hook, or whose hook was left to others. */
        public Settled(InterruptionId id, Instant noticedAt) {
            this(id, noticedAt, false);
        }
    }

    /** One without any cause. */
    public static Journal empty(Instant start) {
        return new Journal(
                State.SETTLED,
                Optional.empty(),
                start,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Unknown.NOTHING);
    }

    /** Reads an annotation's text. */
    public static Reading read(String text) {
        return JournalText.read(text);
    }

    /** The journal that an annotation's text is; empty where it is none, or none that we can read. */
    public static Optional<Journal> parse(String text) {
        return read(text) instanceof Reading.Read(Journal journal) ? Optional.of(journal) : Optional.empty();
    }

    /** The annotation's text. */
    public String text() {
        return JournalText.of(this);
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

    /** Whether all that was owed for this interruption has been paid. */
    public boolean isSettled(InterruptionId id) {
        return settled.stream().anyMatch(paid -> paid.id().equals(id));
    }

    /** Whether nothing is owed for the hook of this interruption either: it was ours, or another's that found it to be his. */
    public boolean isHookCompleted(InterruptionId id) {
        return settled.stream().anyMatch(paid -> paid.id().equals(id) && paid.hookCompleted());
    }

    /** In this state, held by nobody; the same start. */
    public Journal in(State next) {
        return with(draft -> {
            draft.state = next;
            draft.holder = Optional.empty();
        });
    }

    /** Under way, and held by this replica. */
    public Journal heldBy(String replica) {
        return with(draft -> {
            draft.state = State.OPEN;
            draft.holder = Optional.of(replica);
        });
    }

    /** A departure that begins then. */
    public Journal startedAt(Instant begin) {
        return with(draft -> draft.start = begin);
    }

    /** With this deadline, and the longest grace it was reckoned from. */
    public Journal with(Optional<Term> deadline, Optional<Duration> longest) {
        return with(draft -> {
            draft.term = deadline;
            draft.longestGrace = longest;
        });
    }

    /** With this cause, in the place of what was known of it before. */
    public Journal with(Cause cause) {
        return with(draft -> {
            int known = 0;
            while (known < draft.causes.size() && !draft.causes.get(known).isOf(cause.id())) {
                known++;
            }
            if (known < draft.causes.size()) {
                draft.causes.set(known, cause);
            } else {
                draft.causes.add(cause);
            }
        });
    }

    /** With one more hook owed, unless it is known. */
    public Journal with(Hook hook) {
        return hooks.stream().anyMatch(hook::isOfSameAction) ? this : with(draft -> draft.hooks.add(hook));
    }

    /**
     * Without the hooks that hold another instance, and without those that hold this one for nothing that is live here: none of us
     * wrote them. Those for causes that only another build knows stay.
     */
    public Journal about(InstanceId instance) {
        return with(draft -> draft.hooks.removeIf(
                hook -> !hook.action().instance().equals(instance) || !(isLive(hook.cause()) || hasUnknownCauses())));
    }

    /**
     * The same, where nothing was said or heard later than now: with a time that lies far ahead a hook would be waited for, or a
     * node kept from pods, for as long as whoever wrote it likes. When the machine stops, and deadlines, may lie ahead.
     */
    public Journal heardBy(Instant now) {
        UnaryOperator<Instant> cut = time -> time.isAfter(now.plus(CLOCKS_DIFFER_BY)) ? now : time;
        return with(draft -> {
            draft.term = term.map(known -> new Term(known.deadline(), cut.apply(known.since())));
            draft.causes.replaceAll(cause -> cause.withTimes(cut));
            draft.hooks.replaceAll(hook -> hook.withTimes(cut));
            draft.settled.replaceAll(paid -> new Settled(paid.id(), cut.apply(paid.noticedAt()), paid.hookCompleted()));
        });
    }

    /** With a machine that may come back. */
    public Journal with(Optional<Stop> stopped) {
        return with(draft -> draft.stop = stopped);
    }

    /** With a machine that is gone by then, if by no time before; one that is well after that has survived. */
    public Journal goneBy(Instant latest) {
        return with(draft ->
                draft.goneBy = goneBy.filter(known -> known.isAfter(latest)).or(() -> Optional.of(latest)));
    }

    /** With a machine that nothing takes any more, and that is not away. */
    public Journal whenHere() {
        return with(draft -> {
            draft.stop = Optional.empty();
            draft.goneBy = Optional.empty();
        });
    }

    /** With nothing owed for this interruption, which was perhaps never live. */
    public Journal settle(Settled paid) {
        return isSettled(paid.id()) ? this : with(draft -> draft.settled.add(paid));
    }

    /** With nothing owed any more for these live interruptions. */
    public Journal settle(Set<InterruptionId> paid) {
        return with(draft -> {
            causes.stream()
                    .filter(cause -> paid.contains(cause.id()) && !isSettled(cause.id()))
                    .forEach(cause -> draft.settled.add(new Settled(cause.id(), cause.noticedAt())));
            draft.causes.removeIf(cause -> paid.contains(cause.id()));
            draft.hooks.removeIf(hook -> paid.contains(hook.cause()));
        });
    }

    /** With the hooks completed that these settled interruptions had. */
    public Journal withHooksCompleted(Set<InterruptionId> completed) {
        return with(draft -> draft.settled.replaceAll(
                paid -> completed.contains(paid.id()) ? new Settled(paid.id(), paid.noticedAt(), true) : paid));
    }

    /** Remembering what we changed on top of what we had changed before. */
    public Journal withChanged(Set<Change> more) {
        return with(draft -> draft.changed.addAll(more));
    }

    /** With these changes undone. */
    public Journal withoutChanged(Set<Change> undone) {
        return with(draft -> draft.changed.removeAll(undone));
    }

    private Journal with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.journal();
    }

    /** A copy that can be changed. */
    private static final class Draft {
        private State state;
        private Optional<String> holder;
        private Instant start;
        private Optional<Term> term;
        private Optional<Duration> longestGrace;
        private final List<Cause> causes;
        private final List<Hook> hooks;
        private final Set<Change> changed;
        private Optional<Stop> stop;
        private Optional<Instant> goneBy;
        private final List<Settled> settled;
        private final Unknown unknown;

        Draft(Journal journal) {
            state = journal.state;
            holder = journal.holder;
            start = journal.start;
            term = journal.term;
            longestGrace = journal.longestGrace;
            causes = new ArrayList<>(journal.causes);
            hooks = new ArrayList<>(journal.hooks);
            changed = new LinkedHashSet<>(journal.changed);
            stop = journal.stop;
            goneBy = journal.goneBy;
            settled = new ArrayList<>(journal.settled);
            unknown = journal.unknown;
        }

        Journal journal() {
            return new Journal(
                    state, holder, start, term, longestGrace, causes, hooks, changed, stop, goneBy, settled, unknown);
        }
    }
}
