package dev.glidepath.permission;

import java.util.Locale;

/** A permission that our role needs at AWS, and what does not work without it. */
public enum Permission {
    RECEIVE_MESSAGE(Service.SQS, "ReceiveMessage", Need.REQUIRED, "no interruption is received"),
    DELETE_MESSAGE(
            Service.SQS,
            "DeleteMessage",
            Need.REQUIRED,
            "messages that need nothing more stay in the queue, are received again and count towards its dead-letter queue"),
    CHANGE_MESSAGE_VISIBILITY(
            Service.SQS,
            "ChangeMessageVisibility",
            Need.WANTED,
            "each receive makes a message invisible for five minutes, and it cannot be made visible earlier: a longer drain receives"
                    + " it again, which counts towards the dead-letter queue, and what a stopped replica held is seen by the others"
                    + " up to five minutes later"),
    GET_QUEUE_ATTRIBUTES(
            Service.SQS,
            "GetQueueAttributes",
            Need.WANTED,
            "where the queue's URL has not the form that AWS gives it, that a hook notifies this queue is known only from the"
                    + " hook's own message; and what cannot be read is left in the queue"),
    DESCRIBE_LIFECYCLE_HOOKS(
            Service.AUTO_SCALING,
            "DescribeLifecycleHooks",
            Need.WANTED,
            "a hook is ours only if GLIDEPATH_LIFECYCLE_HOOKS lists it, its name begins with glidepath, or its message came from the"
                    + " hook itself and not from EventBridge; and heartbeats are sent every 15 seconds"),
    RECORD_LIFECYCLE_ACTION_HEARTBEAT(
            Service.AUTO_SCALING,
            "RecordLifecycleActionHeartbeat",
            Need.WANTED,
            "hooks are held for their heartbeat timeout only"),
    COMPLETE_LIFECYCLE_ACTION(
            Service.AUTO_SCALING,
            "CompleteLifecycleAction",
            Need.WANTED,
            "a drained instance waits until its hook times out");

    private enum Service {
        SQS,
        AUTO_SCALING;

        String prefix() {
            return name().toLowerCase(Locale.ROOT).replace("_", "");
        }
    }

    /** What becomes of a replica whose role lacks a permission. */
    public enum Need {
        /** It is not ready. */
        REQUIRED,
        /** It works on, with less service. */
        WANTED
    }

    private final Service service;
    private final String action;
    private final Need need;
    private final String without;

    Permission(Service service, String action, Need need, String without) {
        this.service = service;
        this.action = action;
        this.need = need;
        this.without = without;
    }

    /** As a policy names it, such as {@code sqs:ReceiveMessage}. */
    public String action() {
        return service.prefix() + ":" + action;
    }

    public Need need() {
        return need;
    }

    /** What does not work without it. */
    public String without() {
        return without;
    }

    /**
     * That it is not allowed, and what does not work without it.
     *
     * @param place the queue or group that it is needed for; empty where no policy can name one
     */
    public String notAllowed(String place) {
        return action() + (place.isEmpty() ? "" : " on " + place) + " is not allowed: " + without;
    }

    /** The same with the remedy. */
    public String allowIt(String place) {
        return notAllowed(place) + "; allow it to our role";
    }
}
