package dev.glidepath.time;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * What the clocks of others tell of the true time, reckoned against steady time, which nobody sets: what was seen stays good when the
 * machine's clock is set. Keeps what was observed, and has no clock of its own; for one thread at a time.
 *
 * <ul>
 *   <li>A message is sent before it is received: the true time is not earlier than its stamp. How long it waited nobody says, so it
 *       does not bound the true time from above.
 *   <li>A server writes its answer between request and receipt, and its {@code Date} leaves out the fraction of the second.
 * </ul>
 *
 * <p>Beyond doubt is what one message says, since SQS keeps the time of AWS, and nobody receives what is not sent yet; and what the
 * last answers, three or more, agree on, as long as no message says otherwise.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#name-date">RFC 9110, Date</a>
 */
final class Evidence {
    /** Servers behind one address may differ, and a proxy may hold an answer back: a single one proves nothing. */
    private static final int AGREEING = 3;

    private static final int LAST = 5;

    private static final Duration RESOLUTION = Duration.ofSeconds(1);

    /** Steady time and the true one drift apart by less than one part in so many: what is observed becomes vague by that. */
    private static final long DRIFT = 2_000;

    private final Deque<Bounds> answers = new ArrayDeque<>();
    private Optional<Bounds> sent = Optional.empty();

    /**
     * By how much the true time is later than steady time: between these two, both included.
     *
     * @param most empty where nothing bounds it
     * @param seenAt in steady time
     */
    record Bounds(Duration least, Optional<Duration> most, Instant seenAt) {

        /** Whether this may be it, give or take so much. */
        boolean allow(Duration ahead, Duration tolerance) {
            return ahead.plus(tolerance).compareTo(least) >= 0
                    && most.filter(bound -> ahead.minus(tolerance).compareTo(bound) > 0)
                            .isEmpty();
        }

        /** The likeliest: the middle; or the least, where nothing bounds it, for most messages are received soon. */
        Duration likeliest() {
            return most.map(bound -> least.plus(bound).dividedBy(2)).orElse(least);
        }

        /** What of it holds then. */
        private Bounds at(Instant steady) {
            Duration vague = Duration.between(seenAt, steady).dividedBy(DRIFT);
            return new Bounds(least.minus(vague), most.map(bound -> bound.plus(vague)), steady);
        }

        private Bounds and(Bounds other) {
            Optional<Duration> lower = most.filter(bound ->
                    other.most.filter(their -> their.compareTo(bound) < 0).isEmpty());
            return new Bounds(
                    least.compareTo(other.least) > 0 ? least : other.least, lower.or(() -> other.most), seenAt);
        }

        private boolean arePossible() {
            return most.filter(bound -> bound.compareTo(least) < 0).isEmpty();
        }
    }

    /** A message was received. */
    void sent(Instant sentAt, Instant steadyReceivedAt) {
        Bounds seen = new Bounds(Duration.between(steadyReceivedAt, sentAt), Optional.empty(), steadyReceivedAt);
        sent = Optional.of(
                sent.map(before -> before.at(steadyReceivedAt).and(seen)).orElse(seen));
    }

    /**
     * A server answered.
     *
     * @param date what it said the time was, in whole seconds
     */
    void answered(Instant date, Instant steadyAskedAt, Instant steadyAnsweredAt) {
        answers.addLast(new Bounds(
                Duration.between(steadyAnsweredAt, date),
                Optional.of(Duration.between(steadyAskedAt, date.plus(RESOLUTION))),
                steadyAnsweredAt));
        if (answers.size() > LAST) {
            answers.removeFirst();
        }
    }

    /** What is beyond doubt; empty where nothing is. */
    Optional<Bounds> beyondDoubt(Instant steady) {
        Optional<Bounds> bySqs = sent.map(bounds -> bounds.at(steady));
        Optional<Bounds> byServer = answers.stream()
                .map(bounds -> bounds.at(steady))
                .reduce(Bounds::and)
                .filter(bounds -> answers.size() >= AGREEING && bounds.arePossible());
        return byServer.map(answered -> bySqs.map(answered::and).orElse(answered))
                .filter(Bounds::arePossible)
                .or(() -> bySqs);
    }
}
