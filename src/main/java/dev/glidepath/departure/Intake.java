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
import dev.glidepath.node.Nodes;
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
    private final IntakeLog log;
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
            IntakeLog log) {
        this.queue = queue;
        this.disposal = disposal;
        this.owed = owed;
        this.departures = departures;
        this.blocks = blocks;
        this.policy = policy;
        this.traits = traits;
        this.ability = ability;
        this.log = log;
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
        if (!result.notes().isEmpty() && message.receiveCount() <= 1) {
            log.incomplete(result.notes(), message.id());
        }
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
        return respondTo(read, done);
    }

    /** What has waited for an answer. */
    private void takeIn(List<Waiting> answered) {
        List<MessageId> done = new ArrayList<>();
        List<Due> due = new ArrayList<>();
        answered.forEach(each -> alone(each.deliveryId(), () -> due.addAll(respondTo(each, done))));
        begin(due, done);
    }

    private List<Due> respondTo(Waiting message, List<MessageId> done) {
        return keep(message, done).stream()
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
            log.failed(message.message(), unforeseen);
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

    /** Responds to a message, and keeps it for the departures it concerns; if there are none, it is done with. */
    private List<Notice> keep(Waiting message, List<MessageId> done) {
        return switch (message.decoded()) {
            case Announced(List<Interruption> interruptions, var _) -> keep(interruptions, message, done);
            case BlockExpires block
            when blocks.instances(block.reservation()).isEmpty() && !ability.canAct() -> {
                queue.release(List.of(message.deliveryId())); // nodes may run on it that we do not see
                yield List.of();
            }
            case BlockExpires block -> keep(expand(block), message, done);
            case Ignored ignored -> {
                log.ignored(ignored);
                yield keep(List.of(), message, done);
            }
            case Undecodable _ -> List.of();
        };
    }

    private List<Notice> keep(List<Interruption> interruptions, Waiting message, List<MessageId> done) {
        List<Notice> kept = new ArrayList<>();
        for (Interruption interruption : interruptions) {
            if (respond(interruption)) {
                kept.add(new Notice(interruption, message.message(), message.receivedAt(), message.delivery()));
            }
        }
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

    /** Reports an interruption, and responds to it as far as that is done here. Returns whether a departure is to respond. */
    private boolean respond(Interruption interruption) {
        if (!departures.concerns(interruption)) {
            log.ignored(new Ignored(Reason.NOT_OUR_NODE, "state change of an instance that is no node here"));
            return false;
        }
        log.counted(interruption);
        return switch (policy.get().responseTo(interruption.kind())) {
            case IGNORE -> {
                log.ignored(new Ignored(Reason.BY_SETTING, interruption.kind().label()));
                yield false;
            }
            case NOTIFY -> {
                log.received(interruption);
                log.notified(interruption, blocks.nodes().of(interruption.instance()));
                yield false;
            }
            case CORDON, DRAIN -> {
                log.received(interruption);
                yield true;
            }
        };
    }

    /** An interruption for each node that runs on the block; reported as ignored where there is none. */
    private List<Interruption> expand(BlockExpires block) {
        List<Interruption> interruptions = blocks.instances(block.reservation()).stream()
                .<Interruption>map(instance ->
                        new CapacityInterruption(instance, block.noticedAt(), block.reservation(), block.goneAt()))
                .toList();
        if (interruptions.isEmpty()) {
            log.ignored(new Ignored(Reason.NOT_OUR_NODE, "a Capacity Block ends that no node here runs on"));
        }
        return interruptions;
    }

    /** Logged at its first delivery, to whichever replica: what it may have announced does not wait for a second one. */
    private void leave(String why, Message message, List<MessageId> done) {
        boolean isDeleted = !traits.get().redrives() && message.receiveCount() >= DELIVERIES;
        if (isDeleted) {
            log.undecodableDeleted(why, message.id(), Excerpt.of(message.body()));
            done.add(message.id());
            return;
        }
        if (message.receiveCount() <= 1) {
            log.undecodable(why, message.id(), traits.get().redrives());
        }
        queue.leave(List.of(message.deliveryId()));
    }
}
