package dev.glidepath.departure;

import dev.glidepath.departure.UntilAsked.Waiting;
import dev.glidepath.departure.decision.Causes;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Notice.Delivery;
import dev.glidepath.departure.snapshot.Policy;
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
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.event.Response;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.Nodes;
import dev.glidepath.observe.ClusterEvents;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import dev.glidepath.observe.Metrics;
import dev.glidepath.observe.Subject;
import dev.glidepath.queue.DeliveryId;
import dev.glidepath.queue.Disposal;
import dev.glidepath.queue.Message;
import dev.glidepath.queue.MessageId;
import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.OwedMessages;
import dev.glidepath.queue.QueueTraits;
import dev.glidepath.queue.Receiver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Where messages come in, and where it is said what becomes of each:
 *
 * <ul>
 *   <li>it announces an interruption: kept until its departure is settled or planned, then deleted by it;
 *   <li>it asks nothing of us: deleted at once, or, where that depends on which nodes there are, as soon as the API server was
 *       asked for them;
 *   <li>it cannot be read: logged at its first delivery, and left alone, for the queue's redrive policy to move where it
 *       can be looked at; where there is none, it is deleted at its third delivery.
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
    private final Supplier<QueueTraits> traits;
    private final Ability ability;
    private final Reports reports;
    private final UntilAsked untilAsked;

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

    /** A notice that is to join its departure. The one whose instance goes first is the first. */
    private record Due(Notice notice, Instant goneAt) {}

    /** Where it is reported what came in. */
    public record Reports(DecisionLog log, Metrics metrics, ClusterEvents events) {}

    /**
     * @param traits asked at each message: what is known of our own queue may come late
     */
    public Intake(
            MessageQueue queue,
            Disposal disposal,
            OwedMessages owed,
            Departures departures,
            Blocks blocks,
            Supplier<Policy> policy,
            Supplier<QueueTraits> traits,
            Ability ability,
            Reports reports) {
        this.queue = queue;
        this.disposal = disposal;
        this.owed = owed;
        this.departures = departures;
        this.blocks = blocks;
        this.policy = policy;
        this.traits = traits;
        this.ability = ability;
        this.reports = reports;
        untilAsked = new UntilAsked(blocks.nodes(), this::takeIn, this::isToBeHandedBack, queue::release, queue::leave);
    }

    /** After a message that cordons there may be more of its kind: they are fetched before the first node is drained. */
    @Override
    public Duration patience() {
        return departures.expectMore() ? Duration.ZERO : MessageQueue.LONG_POLL;
    }

    /**
     * A replica that cannot act leaves messages to those that can. It cannot know whether there are any: if there are none, a trickle
     * keeps lifecycle actions from their timeouts.
     */
    @Override
    public Receiver.Pace pace() {
        if (!departures.haveRoom() || untilAsked.isFull()) {
            return Receiver.Pace.NOT_NOW;
        }
        return ability.canAct() ? Receiver.Pace.FREELY : Receiver.Pace.SELDOM;
    }

    /** Takes in what one receive brought, what is most urgent first. Waits for no departure. */
    @Override
    public void accept(List<Message> messages, Receiver.Pace pace) {
        List<MessageId> done = new ArrayList<>();
        List<Due> due = new ArrayList<>();
        messages.forEach(message -> alone(message.deliveryId(), () -> due.addAll(read(message, pace, done))));
        begin(due, done);
        departures.received(messages.size());
    }

    private List<Due> read(Message message, Receiver.Pace pace, List<MessageId> done) {
        Decoder.Result result = Decoder.decode(message.body(), message.sentAt());
        logIncomplete(result.notes(), message);
        Waiting read = new Waiting(result.decoded(), message.id(), message.receivedAt(), deliveryOf(message, pace));
        if (read.decoded() instanceof Announced(List<Interruption> interruptions, Optional<LifecycleToken> token)) {
            token.ifPresent(known -> interruptions.forEach(about -> departures.heard(known, about)));
        }
        if (read.decoded() instanceof Undecodable(String why)) {
            leave(why, message, done);
            return List.of();
        }
        if (isInDoubt(read)) {
            untilAsked.add(read);
            return List.of();
        }
        return due(read, done);
    }

    /** What has waited for an answer. */
    private void takeIn(List<Waiting> answered) {
        List<MessageId> done = new ArrayList<>();
        List<Due> due = new ArrayList<>();
        answered.forEach(each -> alone(each.deliveryId(), () -> due.addAll(due(each, done))));
        begin(due, done);
    }

    private List<Due> due(Waiting message, List<MessageId> done) {
        return kept(message, done).stream()
                .map(notice -> new Due(notice, Causes.goneAt(notice)))
                .toList();
    }

    private void begin(List<Due> all, List<MessageId> done) {
        all.stream()
                .sorted(Comparator.comparing(Due::goneAt))
                .map(Due::notice)
                .forEach(notice -> alone(notice.deliveryId(), () -> departures.accept(notice)));
        disposal.delete(done);
    }

    /** A message that cannot be taken in is left, to be delivered again, and costs the others of its batch nothing. */
    private void alone(DeliveryId message, Runnable takingIn) {
        try {
            takingIn.run();
        } catch (RuntimeException | Error unforeseen) {
            owed.giveUp(List.of(message));
            queue.leave(List.of(message));
            reports.metrics().count(Metric.MESSAGES_FAILED);
            reports.log()
                    .tell(
                            LogEvent.MESSAGE_FAILED,
                            "a message could not be taken in; it will be delivered again: " + message.message(),
                            unforeseen);
        }
    }

    /** A replica that cannot act keeps nothing from those that can, but for what would not be delivered again. */
    private boolean isToBeHandedBack(Waiting message) {
        return !ability.canAct() && !message.delivery().isLast();
    }

    private Delivery deliveryOf(Message message, Receiver.Pace pace) {
        int count = message.receiveCount();
        return new Delivery(count, traits.get().isLastDelivery(count), pace == Receiver.Pace.SELDOM);
    }

    /**
     * Whether it must be known now which nodes it is about, or that it is about none, though what we watch may be
     * behind. All else waits in its departure.
     */
    private boolean isInDoubt(Waiting message) {
        if (!ability.canAct() || !blocks.nodes().askedAt().isBefore(message.receivedAt())) {
            return false;
        }
        return switch (message.decoded()) {
            case Announced(List<Interruption> interruptions, var _) ->
                !interruptions.stream().allMatch(departures::concerns);
            case BlockExpires _ -> true;
            case Ignored _, Undecodable _ -> false;
        };
    }

    /** What of a message concerns departures here; if nothing does, it is done with. */
    private List<Notice> kept(Waiting message, List<MessageId> done) {
        return switch (message.decoded()) {
            case Announced(List<Interruption> interruptions, var _) -> kept(interruptions, message, done);
            case BlockExpires block
            when blocks.instances(block.reservation()).isEmpty() && !ability.canAct() -> {
                queue.release(List.of(message.deliveryId())); // nodes may run on it that we do not see
                yield List.of();
            }
            case BlockExpires block -> kept(interruptionsOf(block), message, done);
            case Ignored ignored -> {
                ignore(ignored);
                yield kept(List.of(), message, done);
            }
            case Undecodable _ -> List.of();
        };
    }

    private List<Notice> kept(List<Interruption> interruptions, Waiting message, List<MessageId> done) {
        List<Notice> kept = interruptions.stream()
                .filter(this::isToBeAnswered)
                .map(interruption ->
                        new Notice(interruption, message.message(), message.receivedAt(), message.delivery()))
                .toList();
        if (kept.isEmpty()) {
            done.add(message.message());
        } else {
            owed.owe(
                    message.deliveryId(),
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
        reports.metrics().count(Metric.INTERRUPTIONS_RECEIVED, kind);
        Response response = policy.get().responseTo(interruption.kind());
        if (response == Response.IGNORE) {
            ignore(new Ignored(Reason.BY_SETTING, kind));
            return false;
        }
        reports.log()
                .tell(
                        LogEvent.INTERRUPTION_RECEIVED,
                        kind + " for " + interruption.instance(),
                        Map.of(Field.KIND, kind, Field.INSTANCE, interruption.instance()));
        if (response == Response.NOTIFY) {
            publishOnNode(interruption);
            return false;
        }
        return true;
    }

    private void publishOnNode(Interruption interruption) {
        for (KubeNode node : blocks.nodes().of(interruption.instance())) {
            reports.events()
                    .tell(
                            new Subject.Node(node.name().value()),
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
        reports.metrics().count(Metric.MESSAGES_IGNORED, reason);
        reports.log().tell(LogEvent.INTERRUPTION_IGNORED, "ignored: " + ignored.what(), Map.of(Field.REASON, reason));
    }

    /** Logged at its first delivery, to whichever replica: what it may have announced does not wait for a second one. */
    private void leave(String why, Message message, List<MessageId> done) {
        boolean isDeleted = !traits.get().redrives() && message.receiveCount() >= DELIVERIES;
        if (isDeleted) {
            logUndecodable(
                    why,
                    "cannot be read, and is deleted, for the queue has no redrive policy: " + message.id() + ": "
                            + Excerpt.of(message.body()));
            done.add(message.id());
            return;
        }
        if (message.receiveCount() <= 1) {
            reports.metrics().count(Metric.MESSAGES_UNDECODABLE);
            logUndecodable(
                    why,
                    "cannot be read, and "
                            + (traits.get().redrives()
                                    ? "is left to the queue's redrive policy: "
                                    : "will be deleted at its third delivery: ")
                            + message.id());
        }
        queue.leave(List.of(message.deliveryId()));
    }

    private void logIncomplete(List<String> notes, Message message) {
        if (!notes.isEmpty() && message.receiveCount() <= 1) {
            reports.metrics().count(Metric.MESSAGES_INCOMPLETE);
            reports.log()
                    .tell(
                            LogEvent.MESSAGE_INCOMPLETE,
                            "acted on though part of it cannot be read: " + message.id(),
                            Map.of(Field.REASON, String.join("; ", notes)));
        }
    }

    private void logUndecodable(String why, String text) {
        reports.log().tell(LogEvent.MESSAGE_UNDECODABLE, text, Map.of(Field.REASON, why));
    }
}
