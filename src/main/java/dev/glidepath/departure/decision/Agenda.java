package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Attempt.State.Done;
import dev.glidepath.departure.decision.Attempt.State.InFlight;
import dev.glidepath.departure.decision.Attempt.State.Waiting;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Collects what is owed: an act is due unless it is under way, done, or waiting for its next try. */
final class Agenda {
    private final Attempts attempts;
    private final Instant now;
    private final List<Act> due = new ArrayList<>();
    private Instant lookAgainAt = Instant.MAX;

    Agenda(Attempts attempts, Instant now) {
        this.attempts = attempts;
        this.now = now;
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
        start(act, earliest);
        return false;
    }

    /** It is to be done then, even if it was done before. */
    void repeatAt(Instant at, Act act) {
        start(act, at);
    }

    void lookAgainBy(Instant at) {
        if (at.isBefore(lookAgainAt)) {
            lookAgainAt = at;
        }
    }

    Decision decide(Decision.Stage stage) {
        return new Decision(stage, due, lookAgainAt);
    }

    private void start(Act act, Instant earliest) {
        switch (attempts.of(act).map(Attempt::state).orElseGet(() -> new Done(earliest, new Outcome.Landed()))) {
            case InFlight _ -> {} // its outcome is a signal
            case Waiting(var _, Instant retryAt, var _) -> startAt(retryAt, act);
            case Done _ -> startAt(earliest, act);
        }
    }

    private void startAt(Instant at, Act act) {
        if (at.isAfter(now)) {
            lookAgainBy(at);
        } else {
            due.add(act);
        }
    }
}
