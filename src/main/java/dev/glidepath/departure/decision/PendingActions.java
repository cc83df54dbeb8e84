package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.HeldEviction;
import dev.glidepath.departure.action.LeftHook;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.snapshot.Attempt;
import dev.glidepath.departure.snapshot.Attempt.State.Done;
import dev.glidepath.departure.snapshot.Attempt.State.InFlight;
import dev.glidepath.departure.snapshot.Attempt.State.Waiting;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.drain.pod.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Collects what a decision comes to: the actions to start now, the evictions that budgets hold back, the hooks that are not
 * completed, and the moments at which to look again. An action that is under way is not started again.
 * All methods but {@link #decision} are commands; no question of this package reaches them.
 */
final class PendingActions {
    /** A signal says when actions are allowed again. This interval is for a lost signal: it is long, as thousands may wait. */
    private static final Duration UNTIL_WRITES_ARE_ALLOWED = Duration.ofSeconds(30);

    private final Attempts attempts;
    private final Instant now;
    private final boolean mayWrite;

    /** Each action once, by whatever way it was found to be due. */
    private final Map<Action.Key, Action> due = new LinkedHashMap<>();

    private final Map<PodRef, HeldEviction> held = new LinkedHashMap<>();
    private final Set<LeftHook> leftHooks = new LinkedHashSet<>();
    private final Set<PodRef> wantedPods = new HashSet<>();
    private final List<Instant> timers = new ArrayList<>();

    /**
     * @param mayWrite whether actions that need a Lease may be started
     */
    PendingActions(Attempts attempts, Instant now, boolean mayWrite) {
        this.attempts = attempts;
        this.now = now;
        this.mayWrite = mayWrite;
    }

    /** Requests an action that is to be done once; a failed one at its next try. */
    Progress request(Action action) {
        return requestAt(now, action);
    }

    /** Requests an action that is to be done once, not before that moment. */
    Progress requestAt(Instant earliest, Action action) {
        if (attempts.isDone(action)) {
            return Progress.DONE;
        }
        repeatAt(earliest, action);
        return Progress.PENDING;
    }

    /** Requests an action at that moment, even if it was done before; a failed one at its next try. Before that it sets a timer. */
    void repeatAt(Instant at, Action action) {
        switch (attempts.of(action).map(Attempt::state).orElseGet(() -> new Done(at, new Outcome.Succeeded()))) {
            case InFlight _ -> {} // its outcome is a signal
            case Waiting(var _, Instant retryAt, var _) -> startAt(retryAt, action);
            case Done _ -> startAt(at, action);
        }
    }

    /** Starts an action at that moment, though it may wait for its next try; not one that is in flight. Before that it sets a timer. */
    void startAt(Instant at, Action action) {
        if (at.isAfter(now)) {
            lookAgainBy(at);
        } else if (mayWrite || !action.needsLease()) {
            due.putIfAbsent(action.key(), action);
        } else {
            lookAgainBy(now.plus(UNTIL_WRITES_ARE_ALLOWED));
        }
    }

    /** Reports an eviction that a budget holds back. */
    void holdBack(HeldEviction back) {
        held.put(back.evict().pod(), back);
    }

    /** Keeps what was begun about this pod; about any other, it is given up unless it was sent. */
    void keepWanted(PodRef pod) {
        wantedPods.add(pod);
    }

    /** Reports a hook that is not completed. */
    void leave(LeftHook hook) {
        leftHooks.add(hook);
    }

    /** Sets a timer. By a past moment the departure looks again at once. */
    void lookAgainBy(Instant at) {
        timers.add(at);
    }

    /** Sets a timer, unless that moment is past. */
    void lookAgainAfter(Instant at) {
        if (at.isAfter(now)) {
            lookAgainBy(at);
        }
    }

    Decision decision(Stage stage) {
        return new Decision(
                stage,
                List.copyOf(due.values()),
                List.copyOf(held.values()),
                wantedNoMore(),
                leftHooks,
                timers.stream().min(Comparator.naturalOrder()).orElse(Instant.MAX));
    }

    private Set<Action.Key> wantedNoMore() {
        return attempts.tried(OnPod.class)
                .filter(attempt -> attempt.state() instanceof InFlight)
                .filter(attempt -> attempt.action() instanceof OnPod action && !wantedPods.contains(action.pod()))
                .map(attempt -> attempt.action().key())
                .collect(Collectors.toSet());
    }
}
