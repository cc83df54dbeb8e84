package dev.glidepath.departure;

import dev.glidepath.departure.decision.Notice;
import dev.glidepath.event.Decoded.Announced;
import dev.glidepath.event.Decoded.Ignored;
import dev.glidepath.event.Decoded.Reason;
import dev.glidepath.event.Decoded.Undecodable;
import dev.glidepath.event.Decoder;
import dev.glidepath.event.Interruption;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import dev.glidepath.observe.Metrics;
import dev.glidepath.queue.Message;
import dev.glidepath.queue.MessageId;
import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.QueueException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where messages come in, and where it is said what becomes of each:
 *
 * <ul>
 *   <li>it announces an interruption: kept until its departure is settled, then deleted by it;
 *   <li>it asks nothing of us: deleted at once;
 *   <li>it cannot be read: left alone, for the queue's redrive policy to move where it can be looked at.
 * </ul>
 */
public final class Intake {
    private final MessageQueue queue;
    private final Departures departures;
    private final DecisionLog log;
    private final Metrics metrics;

    public Intake(MessageQueue queue, Departures departures, DecisionLog log, Metrics metrics) {
        this.queue = queue;
        this.departures = departures;
        this.log = log;
        this.metrics = metrics;
    }

    /** Takes in what one receive brought. Waits for no departure. */
    public void accept(List<Message> messages) {
        List<MessageId> done = new ArrayList<>();
        for (Message message : messages) {
            switch (Decoder.decode(message.body())) {
                case Announced(List<Interruption> interruptions) -> {
                    List<Interruption> ours =
                            interruptions.stream().filter(departures::concerns).toList();
                    ours.forEach(interruption -> announce(interruption, message));
                    if (ours.isEmpty()) {
                        ignore(new Ignored(Reason.NOT_OUR_NODE, "state change of an instance that is no node here"));
                        done.add(message.id());
                    }
                }
                case Ignored ignored -> {
                    ignore(ignored);
                    done.add(message.id());
                }
                case Undecodable(String why) -> leave(why, message);
            }
        }
        delete(done);
    }

    /** What cannot be deleted now comes again, and is found to be noise again. */
    private void delete(List<MessageId> noise) {
        try {
            queue.leave(queue.delete(noise));
        } catch (QueueException failed) {
            metrics.count(Metric.QUEUE_FAILURES, failed.category().name().toLowerCase(Locale.ROOT));
            queue.leave(noise);
        }
    }

    private void announce(Interruption interruption, Message message) {
        metrics.count(Metric.INTERRUPTIONS_RECEIVED, interruption.kind());
        log.tell(
                LogEvent.INTERRUPTION_RECEIVED,
                interruption.kind() + " for " + interruption.instance(),
                Map.of(Field.KIND, interruption.kind(), Field.INSTANCE, interruption.instance()));
        departures.accept(new Notice(interruption, message.id(), message.receivedAt()));
    }

    private void ignore(Ignored ignored) {
        String reason = ignored.reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
        metrics.count(Metric.MESSAGES_IGNORED, reason);
        log.tell(
                ignored.reason() == Reason.NOT_ACTED_ON_YET
                        ? LogEvent.INTERRUPTION_UNSUPPORTED
                        : LogEvent.INTERRUPTION_IGNORED,
                "ignored: " + ignored.what(),
                Map.of(Field.REASON, reason));
    }

    private void leave(String why, Message message) {
        metrics.count(Metric.MESSAGES_UNDECODABLE);
        log.tell(
                LogEvent.MESSAGE_UNDECODABLE,
                "cannot be read, and is left to the queue's redrive policy: " + message.id(),
                Map.of(Field.REASON, why));
        queue.leave(List.of(message.id()));
    }
}
