package dev.glidepath.queue;

/** The id SQS gave a message; the same at every delivery. */
public record MessageId(String value) {
    @Override
    public String toString() {
        return value;
    }
}
