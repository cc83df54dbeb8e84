package dev.glidepath.queue;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Always wants more, and waits as long for it as SQS allows. */
record Eager(Consumer<List<Message>> consumer) implements Receiver.Handler {
    @Override
    public Duration patience() {
        return MessageQueue.LONG_POLL;
    }

    @Override
    public Receiver.Pace pace() {
        return Receiver.Pace.FREELY;
    }

    @Override
    public void accept(List<Message> messages, Receiver.Pace pace) {
        consumer.accept(messages);
    }
}
