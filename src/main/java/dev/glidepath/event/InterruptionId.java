package dev.glidepath.event;

/**
 * What makes an interruption the same one however often, and in however many messages, it is told. Its first part names the
 * cause: kind and instance with the event's time, the hash of the lifecycle action's token, or the event of AWS Health. What may be
 * told anew has a second part, after a {@code #}, that tells one update from another.
 */
public record InterruptionId(String value) {

    /** The same for all updates of one cause. */
    public String cause() {
        int update = value.indexOf('#');
        return update < 0 ? value : value.substring(0, update);
    }
}
