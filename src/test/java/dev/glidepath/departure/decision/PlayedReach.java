package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.AskForNode;
import dev.glidepath.departure.action.Action.AskKubelet;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.FindVolume;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.Retry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What one replica in a {@link Play} does not reach for a while, or may not ask for. */
final class PlayedReach {
    /** What is heard of a request that never reached the cluster. */
    static final String NO_CLUSTER = "the API server is not reached";

    /** What is heard of a request that never reached the queue. */
    static final String NO_QUEUE = "the queue is not reached";

    /** What is heard of a request that is not allowed. */
    static final String DENIED = "not allowed";

    /** What is on the other side of a network. */
    enum Side {
        CLUSTER,
        QUEUE
    }

    private record Cut(Side side, Instant from, Instant until) {
        boolean contains(Instant now) {
            return !now.isBefore(from) && now.isBefore(until);
        }
    }

    private record Denial(Class<? extends Action> sort, Instant from, Instant until) {
        boolean covers(Class<? extends Action> asked, Instant now) {
            return sort.isAssignableFrom(asked) && !now.isBefore(from) && now.isBefore(until);
        }
    }

    private final List<Cut> cuts = new ArrayList<>();
    private final List<Denial> denials = new ArrayList<>();

    void isCutOffFrom(Side side, Instant from, Instant until) {
        cuts.add(new Cut(side, from, until));
    }

    void mayNot(Class<? extends Action> sort, Instant from, Instant until) {
        denials.add(new Denial(sort, from, until));
    }

    boolean isCutOffFrom(Side side, Instant now) {
        return isCutOffFrom(side, Duration.ZERO, now);
    }

    /** Whether it has been so for that long. */
    boolean isCutOffFrom(Side side, Duration time, Instant now) {
        return !cuts.isEmpty()
                && cuts.stream()
                        .anyMatch(cut -> cut.side() == side
                                && cut.contains(now)
                                && !now.isBefore(cut.from().plus(time)));
    }

    /** When it reaches that again, or now. */
    Instant isBackAt(Side side, Instant now) {
        return cuts.stream()
                .filter(cut -> cut.side() == side && cut.contains(now))
                .map(Cut::until)
                .max(Instant::compareTo)
                .orElse(now);
    }

    /** Whether acts of that sort were not allowed at any time between these. */
    boolean wasDenied(Class<? extends Action> sort, Instant from, Instant until) {
        return denials.stream()
                .anyMatch(denial -> (denial.sort().isAssignableFrom(sort) || sort.isAssignableFrom(denial.sort()))
                        && denial.until().isAfter(from)
                        && denial.from().isBefore(until));
    }

    /** What an act comes to that does not get through. */
    Optional<Outcome> answerTo(Action action, Instant now) {
        if (cuts.isEmpty() && denials.isEmpty()) {
            return Optional.empty();
        }
        Optional<Side> over = sideOf(action);
        if (over.filter(side -> isCutOffFrom(side, now)).isPresent()) {
            return Optional.of(new Retry(over.get() == Side.CLUSTER ? NO_CLUSTER : NO_QUEUE));
        }
        return denials.stream().anyMatch(denial -> denial.covers(action.getClass(), now))
                ? Optional.of(new Forbidden(DENIED))
                : Optional.empty();
    }

    private static Optional<Side> sideOf(Action action) {
        return switch (action) {
            case OnJournal _, OnPod _, AskForNode _, AskKubelet _, ListPods _, FindVolume _ ->
                Optional.of(Side.CLUSTER);
            case DeleteMessages _, HandBack _ -> Optional.of(Side.QUEUE);
            case DescribeHook _, Heartbeat _, CompleteHook _ -> Optional.empty();
        };
    }
}
