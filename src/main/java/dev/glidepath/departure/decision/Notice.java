package dev.glidepath.departure.decision;

import dev.glidepath.event.Interruption;
import dev.glidepath.node.Journal;
import dev.glidepath.queue.MessageId;
import java.time.Instant;

/**
 * One message about a departure, and what it tells. The message is owed its deletion.
 *
 * @param receivedAt when we first received it
 */
public record Notice(Interruption interruption, MessageId message, Instant receivedAt) {

    /** When it takes the machine, as far as the message says; the far end of time where it does not. */
    public Instant goneAt() {
        return Causes.of(this).flatMap(Journal.Cause::goneAt).orElse(Instant.MAX);
    }

    /** When AWS spoke, by our clock: nobody hears of a thing before it was said. */
    Instant noticedAt() {
        return interruption.noticedAt().isBefore(receivedAt) ? interruption.noticedAt() : receivedAt;
    }
}
