package dev.glidepath.departure;

import dev.glidepath.departure.decision.Notice;
import dev.glidepath.departure.decision.Policy;
import dev.glidepath.departure.decision.Response;
import dev.glidepath.event.Decoded.Announced;
import dev.glidepath.event.Decoded.BlockExpires;
import dev.glidepath.event.Decoded.Ignored;
import dev.glidepath.event.Decoded.Reason;
import dev.glidepath.event.Decoded.Undecodable;
import dev.glidepath.event.Decoder;
import dev.glidepath.event.Excerpt;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.CapacityInterruption;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight.Present;
import dev.glidepath.node.Nodes;
import dev.glidepath.observe.ClusterEvents;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import dev.glidepath.observe.Metrics;
import dev.glidepath.queue.Disposal;
import dev.glidepath.queue.Message;
import dev.glidepath.queue.MessageId;
import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.OwedMessages;
import dev.glidepath.queue.Receiver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Where messages come in, and where it is said what becomes of each:
 *
 * <ul>
 *   <li>it announces an interruption: kept until its departure is settled or planned, then deleted by it;
 *   <li>it asks nothing of us: deleted at once;
 *   <li>it cannot be read: left alone, for the queue's redrive policy to move where it can be looked at; where there is none, it
 *       is deleted at its third delivery, and told in the log.
 * </ul>
 */
public final class Intake implements Receiver.Handler {
    private static final int DELIVERIES = 3;

    private final MessageQueue queue;
    private final Disposal disposal;
    private final OwedMessages owed;
    private final Departures departures;
    private final Blocks blocks;
    private final Supplier<Policy> policy;
    private final BooleanSupplier redrives;
    private final Telling telling;

    /**
     * Which nodes run on a Capacity Block.
     *
     * @param label the label whose value is the reservation's id
     */
    public record Blocks(Nodes nodes, String label) {
        List<InstanceId> instances(String reservation) {
            return nodes.labelled(label, reservation);
        }
    }

    /** Where it is told what came in. */
    public record Telling(DecisionLog log, Metrics metrics, ClusterEvents events) {}

    /**
     * @param redrives whether the queue moves away what was delivered too often
     */
    public Intake(
            MessageQueue queue,
            Disposal disposal,
            OwedMessages owed,
            Departures departures,
            Blocks blocks,
            Supplier<Policy> policy,
            BooleanSupplier redrives,
            Telling telling) {
        this.queue = queue;
        this.disposal = disposal;
        this.owed = owed;
        this.departures = departures;
        this.blocks = blocks;
        this.policy = policy;
        this.redrives = redrives;
        this.telling = telling;
    }

    /** After a message that cordons there may be more of its kind: they are fetched before the first node is drained. */
    @Override
    public Duration patience() {
        return departures.expectMore() ? Duration.ZERO : MessageQueue.LONG_POLL;
    }

    @Override
    public boolean mayReceive() {
        return departures.haveRoom();
    }

    /** Takes in what one receive brought, what is most urgent first. Waits for no departure. */
    @Override
    public void accept(List<Message> messages) {
        List<MessageId> done = new ArrayList<>();
        List<Notice> notices = new ArrayList<>();
        for (Message message : messages) {
            switch (Decoder.decode(message.body())) {
                case Announced(List<Interruption> interruptions) -> notices.addAll(kept(interruptions, message, done));
                case BlockExpires block -> notices.addAll(kept(interruptionsOf(block), message, done));
                case Ignored ignored -> {
                    ignore(ignored);
                    done.add(message.id());
                }
                case Undecodable(String why) -> leave(why, message, done);
            }
        }
        notices.stream().sorted(Comparator.comparing(Notice::goneAt)).forEach(departures::accept);
        disposal.delete(done);
        departures.received(messages.size());
    }

    /** What of a message concerns departures here; if nothing does, it is done with. */
    private List<Notice> kept(List<Interruption> interruptions, Message message, List<MessageId> done) {
        List<Notice> kept = interruptions.stream()
                .filter(this::isToBeAnswered)
                .map(interruption -> new Notice(interruption, message.id(), message.receivedAt()))
                .toList();
        if (kept.isEmpty()) {
            done.add(message.id());
        } else {
            owed.owe(
                    message.id(),
                    kept.stream()
                            .map(notice -> notice.interruption().instance())
                            .collect(Collectors.toSet()));
        }
        return kept;
    }

    private boolean isToBeAnswered(Interruption interruption) {
        if (!departures.concerns(interruption)) {
            ignore(new Ignored(Reason.NOT_OUR_NODE, "state change of an instance that is no node here"));
            return false;
        }
        String kind = interruption.kind().label();
        telling.metrics().count(Metric.INTERRUPTIONS_RECEIVED, kind);
        Response response = policy.get().responseTo(interruption.kind());
        if (response == Response.IGNORE) {
            ignore(new Ignored(Reason.BY_SETTING, kind));
            return false;
        }
        telling.log()
                .tell(
                        LogEvent.INTERRUPTION_RECEIVED,
                        kind + " for " + interruption.instance(),
                        Map.of(Field.KIND, kind, Field.INSTANCE, interruption.instance()));
        if (response == Response.NOTIFY) {
            tellOnNode(interruption);
            return false;
        }
        return true;
    }

    private void tellOnNode(Interruption interruption) {
        if (blocks.nodes().sight(interruption.instance()) instanceof Present(KubeNode node)) {
            telling.events()
                    .tell(
                            new ClusterEvents.Subject.Node(node.name().value()),
                            LogEvent.INTERRUPTION_RECEIVED,
                            "AWS told of a " + interruption.kind().label()
                                    + "; the setting for it is to tell, no more");
        }
    }

    private List<Interruption> interruptionsOf(BlockExpires block) {
        List<Interruption> interruptions = blocks.instances(block.reservation()).stream()
                .<Interruption>map(instance ->
                        new CapacityInterruption(instance, block.noticedAt(), block.reservation(), block.goneAt()))
                .toList();
        if (interruptions.isEmpty()) {
            ignore(new Ignored(Reason.NOT_OUR_NODE, "a Capacity Block ends that no node here runs on"));
        }
        return interruptions;
    }

    private void ignore(Ignored ignored) {
        String reason = ignored.reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
        telling.metrics().count(Metric.MESSAGES_IGNORED, reason);
        telling.log().tell(LogEvent.INTERRUPTION_IGNORED, "ignored: " + ignored.what(), Map.of(Field.REASON, reason));
    }

    private void leave(String why, Message message, List<MessageId> done) {
        boolean first = message.receiveCount() <= 1;
        if (first) {
            telling.metrics().count(Metric.MESSAGES_UNDECODABLE);
        }
        if (redrives.getAsBoolean()) {
            if (first) {
                tell(why, "cannot be read, and is left to the queue's redrive policy: " + message.id());
            }
            queue.leave(List.of(message.id()));
        } else if (message.receiveCount() < DELIVERIES) {
            queue.leave(List.of(message.id()));
        } else {
            tell(
                    why,
                    "cannot be read, and is deleted, for the queue has no redrive policy: " + message.id() + ": "
                            + Excerpt.of(message.body()));
            done.add(message.id());
        }
    }

    private void tell(String why, String text) {
        telling.log().tell(LogEvent.MESSAGE_UNDECODABLE, text, Map.of(Field.REASON, why));
    }
}
