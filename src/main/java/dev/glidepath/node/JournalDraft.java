package dev.glidepath.node;

import dev.glidepath.event.InstanceId;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.Journal.Hook;
import dev.glidepath.node.Journal.Settled;
import dev.glidepath.node.Journal.State;
import dev.glidepath.node.Journal.Stop;
import dev.glidepath.node.Journal.Term;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** A journal while it is changed: {@link Journal} says what each change means. */
final class JournalDraft {
    /** So far the clocks of replicas may be apart. */
    private static final Duration CLOCKS_DIFFER_BY = Duration.ofMinutes(5);

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
    private final UnknownParts unknown;

    /** A journal without any cause. */
    JournalDraft(Instant start) {
        this.state = State.SETTLED;
        this.holder = Optional.empty();
        this.start = start;
        this.term = Optional.empty();
        this.longestGrace = Optional.empty();
        this.causes = new ArrayList<>();
        this.hooks = new ArrayList<>();
        this.changed = new LinkedHashSet<>();
        this.stop = Optional.empty();
        this.goneBy = Optional.empty();
        this.settled = new ArrayList<>();
        this.unknown = UnknownParts.NONE;
    }

    JournalDraft(Journal journal) {
        this.state = journal.state();
        this.holder = journal.holder();
        this.start = journal.start();
        this.term = journal.term();
        this.longestGrace = journal.longestGrace();
        this.causes = new ArrayList<>(journal.causes());
        this.hooks = new ArrayList<>(journal.hooks());
        this.changed = new LinkedHashSet<>(journal.changed());
        this.stop = journal.stop();
        this.goneBy = journal.goneBy();
        this.settled = new ArrayList<>(journal.settled());
        this.unknown = journal.unknown();
    }

    Journal journal() {
        return new Journal(
                state, holder, start, term, longestGrace, causes, hooks, changed, stop, goneBy, settled, unknown);
    }

    void release(State next) {
        state = next;
        holder = Optional.empty();
    }

    void hold(String replica) {
        state = State.OPEN;
        holder = Optional.of(replica);
    }

    void start(Instant begin) {
        start = begin;
    }

    void limit(Optional<Term> deadline, Optional<Duration> longest) {
        term = deadline;
        longestGrace = longest;
    }

    void put(Cause cause) {
        int known = 0;
        while (known < causes.size() && !causes.get(known).isOf(cause.id())) {
            known++;
        }
        if (known < causes.size()) {
            causes.set(known, cause);
        } else {
            causes.add(cause);
        }
    }

    void add(Hook hook) {
        if (hooks.stream().noneMatch(known -> known.action().equals(hook.action()))) {
            hooks.add(hook);
        }
    }

    void removeHooksOfOthers(InstanceId instance) {
        hooks.removeIf(hook -> !hook.action().instance().equals(instance)
                || (unknown.causes() == 0
                        && causes.stream().noneMatch(cause -> cause.id().equals(hook.cause()))));
    }

    void cutTimesAfter(Instant now) {
        Instant latest = now.plus(CLOCKS_DIFFER_BY);
        UnaryOperator<Instant> cut = time -> time.isAfter(latest) ? now : time;
        term = term.map(known -> new Term(known.deadline(), cut.apply(known.since())));
        causes.replaceAll(cause -> new Cause(
                cause.id(),
                cause.kind(),
                cause.effect(),
                cut.apply(cause.noticedAt()),
                cut.apply(cause.receivedAt()),
                cause.goneAt(),
                cause.answered(),
                cause.window()));
        hooks.replaceAll(hook ->
                new Hook(hook.cause(), hook.action(), cut.apply(hook.noticedAt()), cut.apply(hook.firstReceivedAt())));
        settled.replaceAll(done -> new Settled(done.id(), cut.apply(done.noticedAt()), done.hookCompleted()));
    }

    void stop(Optional<Stop> stopped) {
        stop = stopped;
    }

    void extendGoneBy(Instant latest) {
        goneBy = goneBy.filter(known -> known.isAfter(latest)).or(() -> Optional.of(latest));
    }

    void forgetAbsence() {
        stop = Optional.empty();
        goneBy = Optional.empty();
    }

    void add(Settled done) {
        if (!isSettled(done.id())) {
            settled.add(done);
        }
    }

    void settle(Set<InterruptionId> done) {
        causes.stream()
                .filter(cause -> done.contains(cause.id()))
                .forEach(cause -> add(new Settled(cause.id(), cause.noticedAt())));
        causes.removeIf(cause -> done.contains(cause.id()));
        hooks.removeIf(hook -> done.contains(hook.cause()));
    }

    void completeHooks(Set<InterruptionId> completed) {
        settled.replaceAll(
                done -> completed.contains(done.id()) ? new Settled(done.id(), done.noticedAt(), true) : done);
    }

    void addChanged(Set<Change> more) {
        changed.addAll(more);
    }

    void removeChanged(Set<Change> undone) {
        changed.removeAll(undone);
    }

    private boolean isSettled(InterruptionId id) {
        return settled.stream().anyMatch(done -> done.id().equals(id));
    }
}
