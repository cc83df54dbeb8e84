package dev.glidepath.departure;

import dev.glidepath.event.Decoded.Ignored;
import dev.glidepath.event.Interruption;
import dev.glidepath.node.KubeNode;
import dev.glidepath.observe.ClusterEvents;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import dev.glidepath.observe.Metrics;
import dev.glidepath.observe.Subject;
import dev.glidepath.queue.MessageId;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reports what comes in: in the log, in the metrics, and as Kubernetes events. */
public final class IntakeLog {
    private final DecisionLog log;
    private final Metrics metrics;
    private final ClusterEvents events;

    public IntakeLog(DecisionLog log, Metrics metrics, ClusterEvents events) {
        this.log = log;
        this.metrics = metrics;
        this.events = events;
    }

    /** An interruption was announced, whatever the response to it. */
    void counted(Interruption interruption) {
        metrics.count(Metric.INTERRUPTIONS_RECEIVED, interruption.kind().label());
    }

    /** An interruption was announced that is responded to. */
    void received(Interruption interruption) {
        String kind = interruption.kind().label();
        log.tell(
                LogEvent.INTERRUPTION_RECEIVED,
                kind + " for " + interruption.instance(),
                Map.of(Field.KIND, kind, Field.INSTANCE, interruption.instance()));
    }

    /** An interruption is only to be reported, on the nodes of its instance. */
    void notified(Interruption interruption, List<KubeNode> nodes) {
        for (KubeNode node : nodes) {
            events.tell(
                    new Subject.Node(node.name().value()),
                    LogEvent.INTERRUPTION_RECEIVED,
                    "AWS told of a " + interruption.kind().label() + "; the setting for it is to tell, no more");
        }
    }

    /** A message, or an interruption in it, is not responded to. */
    void ignored(Ignored ignored) {
        String reason = ignored.reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
        metrics.count(Metric.MESSAGES_IGNORED, reason);
        log.tell(LogEvent.INTERRUPTION_IGNORED, "ignored: " + ignored.what(), Map.of(Field.REASON, reason));
    }

    /** A message cannot be read, and stays in the queue. */
    void undecodable(String why, MessageId message, boolean redrives) {
        metrics.count(Metric.MESSAGES_UNDECODABLE);
        String next = redrives ? "is left to the queue's redrive policy: " : "will be deleted at its third delivery: ";
        log.tell(LogEvent.MESSAGE_UNDECODABLE, "cannot be read, and " + next + message, Map.of(Field.REASON, why));
    }

    /** A message cannot be read, and is deleted. */
    void undecodableDeleted(String why, MessageId message, String excerpt) {
        log.tell(
                LogEvent.MESSAGE_UNDECODABLE,
                "cannot be read, and is deleted, for the queue has no redrive policy: " + message + ": " + excerpt,
                Map.of(Field.REASON, why));
    }

    /** Part of a message cannot be read. */
    void incomplete(List<String> notes, MessageId message) {
        metrics.count(Metric.MESSAGES_INCOMPLETE);
        log.tell(
                LogEvent.MESSAGE_INCOMPLETE,
                "acted on though part of it cannot be read: " + message,
                Map.of(Field.REASON, String.join("; ", notes)));
    }

    /** A message could not be taken in, for a reason that was not foreseen. */
    void failed(MessageId message, Throwable unforeseen) {
        metrics.count(Metric.MESSAGES_FAILED);
        log.tell(
                LogEvent.MESSAGE_FAILED,
                "a message could not be taken in; it will be delivered again: " + message,
                unforeseen);
    }
}
