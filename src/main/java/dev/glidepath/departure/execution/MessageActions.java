package dev.glidepath.departure.execution;

import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.event.InstanceId;
import dev.glidepath.queue.MessageId;
import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.OwedMessages;
import dev.glidepath.queue.QueueException;
import java.util.Set;

/** What becomes of the messages about one instance. */
final class MessageActions {
    private final InstanceId instance;
    private final MessageQueue queue;
    private final OwedMessages owed;

    MessageActions(InstanceId instance, MessageQueue queue, OwedMessages owed) {
        this.instance = instance;
        this.queue = queue;
        this.owed = owed;
    }

    /** Deletes those that no other instance needs. */
    Outcome delete(Set<MessageId> messages) {
        Set<MessageId> free = owed.pay(messages, instance);
        try {
            Set<MessageId> left = queue.delete(free);
            owed.forget(free.stream().filter(id -> !left.contains(id)).toList());
            return left.isEmpty() ? new Succeeded() : new Retry(left.size() + " messages were not deleted");
        } catch (QueueException failed) {
            String why = String.valueOf(failed.getMessage());
            return failed.category().needsPerson() ? new Forbidden(why) : new Retry(why);
        }
    }

    /** The replica that receives them next works on them. Where SQS does not hear of it, they are visible again before long. */
    Outcome handBack(HandBack action) {
        owed.giveUp(action.deliveries());
        if (action.atOnce()) {
            queue.release(action.deliveries());
        } else {
            queue.leave(action.deliveries());
        }
        return new Succeeded();
    }
}
