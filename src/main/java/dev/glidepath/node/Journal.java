package dev.glidepath.node;

import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

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
 * @param settled the interruptions settled last, the newest at the end; at most {@value #MOST_SETTLED}
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
        List<Settled> settled) {

    /** Where it stands on the Node. */
    static final String ANNOTATION = "glidepath.dev/departure";

    static final int MOST_SETTLED = 20;

    public Journal {
        causes = List.copyOf(causes);
        hooks = List.copyOf(hooks);
        changed = Set.copyOf(changed);
        settled = List.copyOf(settled.subList(Math.max(0, settled.size() - MOST_SETTLED), settled.size()));
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
     */
    public record Cause(
            InterruptionId id,
            Kind kind,
            Effect effect,
            Instant noticedAt,
            Instant receivedAt,
            Optional<Instant> goneAt,
            boolean answered) {

        /** The same, with nothing left to do for it. */
        public Cause whenAnswered() {
            return new Cause(id, kind, effect, noticedAt, receivedAt, goneAt, true);
        }

        /** Whether the other tells of the same interruption, perhaps with other words. */
        public boolean isOf(InterruptionId other) {
            return id.cause().equals(other.cause());
        }
    }

    /**
     * A lifecycle action owed, with the times its deadline is made of.
     *
     * @param cause the interruption it holds the instance for
     * @param direct whether the hook itself told us of it
     */
    public record Hook(
            InterruptionId cause, LifecycleAction action, Instant noticedAt, Instant firstReceivedAt, boolean direct) {

        private boolean isOfSameAction(Hook other) {
            return action.equals(other.action);
        }

        private Hook whenDirect() {
            return new Hook(cause, action, noticedAt, firstReceivedAt, true);
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
     */
    public record Settled(InterruptionId id, Instant noticedAt) {}

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
                List.of());
    }

    /** Reads an annotation's text; one that somebody broke counts as none: the departure is journaled anew. */
    public static Optional<Journal> parse(String text) {
        return JournalText.parse(text);
    }

    /** The annotation's text. */
    public String text() {
        return JournalText.of(this);
    }

    /** Whether this interruption is known here and to be acted on. */
    public boolean isLive(InterruptionId id) {
        return causes.stream().anyMatch(cause -> cause.id().equals(id));
    }

    /** Whether all that was owed for this interruption has been paid. */
    public boolean isSettled(InterruptionId id) {
        return settled.stream().anyMatch(paid -> paid.id().equals(id));
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

    /** With one more hook owed. Of one that is known, only that it was told directly may be news. */
    public Journal with(Hook hook) {
        return with(draft -> {
            if (draft.hooks.stream().noneMatch(hook::isOfSameAction)) {
                draft.hooks.add(hook);
            } else if (hook.direct()) {
                draft.hooks.replaceAll(known -> known.isOfSameAction(hook) ? known.whenDirect() : known);
            }
        });
    }

    /** With a machine that may come back. */
    public Journal with(Optional<Stop> stopped) {
        return with(draft -> draft.stop = stopped);
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
        private final List<Settled> settled;

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
            settled = new ArrayList<>(journal.settled);
        }

        Journal journal() {
            return new Journal(state, holder, start, term, longestGrace, causes, hooks, changed, stop, settled);
        }
    }
}
