package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.OnPod;
import dev.glidepath.departure.decision.Attempt.State.Done;
import dev.glidepath.departure.decision.Attempt.State.InFlight;
import dev.glidepath.departure.decision.Attempt.State.Waiting;
import dev.glidepath.departure.decision.Decision.Held;
import dev.glidepath.departure.decision.Decision.LeftHook;
import dev.glidepath.drain.pod.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Collects what is owed: an act is due unless it is under way, done, or waiting for its next try. */
final class Agenda {
    /** That we may is a signal; this is for one that was lost, and no more often, for thousands may wait for it. */
    private static final Duration UNTIL_WE_MAY = Duration.ofSeconds(30);

    private final Attempts attempts;
    private final Instant now;
    private final boolean mayWrite;
    /** Each once, by whatever way it was found to be due. */
    private final Map<Act.Key, Act> due = new LinkedHashMap<>();

    private final Map<PodRef, Held> held = new LinkedHashMap<>();
    private final Set<LeftHook> leftHooks = new LinkedHashSet<>();
    private final Set<PodRef> toBeAsked = new HashSet<>();
    private Instant lookAgainAt = Instant.MAX;

    /**
     * @param mayWrite whether what changes something outside may be started
     */
    Agenda(Attempts attempts, Instant now, boolean mayWrite) {
        this.attempts = attempts;
        this.now = now;
        this.mayWrite = mayWrite;
    }

    /** It is to be done once. Tells whether it is. */
    boolean owe(Act act) {
        return oweAt(now, act);
    }

    /** It is to be done once, not before then. Tells whether it is. */
    boolean oweAt(Instant earliest, Act act) {
        if (attempts.isDone(act)) {
            return true;
        }
        repeatAt(earliest, act);
        return false;
    }

    /** It is to be done then, even if it was done before. */
    void repeatAt(Instant at, Act act) {
        switch (attempts.of(act).map(Attempt::state).orElseGet(() -> new Done(at, new Outcome.Landed()))) {
            case InFlight _ -> {} // its outcome is a signal
            case Waiting(var _, Instant retryAt, var _) -> startAt(retryAt, act);
            case Done _ -> startAt(at, act);
        }
    }

    /** It is to be started then, whatever it waits for. */
    void startAt(Instant at, Act act) {
        if (at.isAfter(now)) {
            lookAgainBy(at);
        } else if (mayWrite || !act.writes()) {
            due.putIfAbsent(act.key(), act);
        } else {
            lookAgainBy(now.plus(UNTIL_WE_MAY));
        }
    }

    /** A budget holds it back. */
    void holdBack(Held back) {
        held.put(back.evict().pod(), back);
    }

    /** What was begun about this pod goes on; about any other, it is given up if it was not sent yet. */
    void goOnWith(PodRef pod) {
        toBeAsked.add(pod);
    }

    boolean isHeldBack(PodRef pod) {
        return held.containsKey(pod);
    }

    /** This hook we do not complete. */
    void leave(LeftHook hook) {
        leftHooks.add(hook);
    }

    void lookAgainBy(Instant at) {
        if (at.isBefore(lookAgainAt)) {
            lookAgainAt = at;
        }
    }

    /** Something changes then, unless that was before. */
    void lookAgainAfter(Instant at) {
        if (at.isAfter(now)) {
            lookAgainBy(at);
        }
    }

    Decision decide(Decision.Stage stage) {
        return new Decision(
                stage, List.copyOf(due.values()), List.copyOf(held.values()), wantedNoMore(), leftHooks, lookAgainAt);
    }

    private Set<Act.Key> wantedNoMore() {
        return attempts.tried(OnPod.class)
                .filter(attempt -> attempt.state() instanceof InFlight)
                .filter(attempt -> attempt.act() instanceof OnPod act && !toBeAsked.contains(act.pod()))
                .map(attempt -> attempt.act().key())
                .collect(Collectors.toSet());
    }
}
