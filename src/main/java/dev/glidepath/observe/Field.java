package dev.glidepath.observe;

import java.util.Locale;

/** The fields of a log line. The names are public: queries are built on them. */
public enum Field {
    /** The event's name. */
    EVENT,
    /** The departure: its instance, and when it began. */
    DEPARTURE,
    /** The node's name. */
    NODE,
    /** The EC2 instance id. */
    INSTANCE,
    /** The kind of interruption. */
    KIND,
    /** Why. */
    REASON,
    /** How it ended. */
    OUTCOME,
    /** Until when the instance can be counted on. */
    DEADLINE,
    /** A pod, with its namespace. */
    POD,
    /** A PodDisruptionBudget. */
    BUDGET,
    /** How long a budget held a pod back. */
    BLOCKED_FOR,
    /** A lifecycle hook. */
    HOOK,
    /** An Auto Scaling group. */
    GROUP,
    /** An act that was tried. */
    ACT,
    /** A permission at AWS, as a policy names it. */
    PERMISSION,
    /** By how much this machine's clock is ahead of the true time; negative where it is behind. */
    SKEW,
    /** How many messages. */
    MESSAGES,
    /** How many pods are to be evicted. */
    PODS,
    /** How many pods were evicted. */
    EVICTED,
    /** How many pods were deleted past their budgets. */
    FORCED,
    /** How many pods went without our asking. */
    BY_ITSELF,
    /** How many pods were given less grace than they wished. */
    SHORTENED,
    /** How a pod came to leave. */
    FATE,
    /** What is special about a pod that is still there. */
    REMARK,
    /** The grace a pod wished for. */
    GRACE_WANTED,
    /** The grace a pod was given. */
    GRACE_GIVEN,
    /** What happened before another process took over: unknown, where it says so. */
    BEFORE_TAKE_OVER,
    /** How many pods are still there. */
    LEFT,
    /** How many pods were left alone. */
    STAY,
    /** How long since the first notice was received. */
    ELAPSED;

    private final String key = keyOf(name());

    /** Its key in a log line, such as {@code blockedFor}. */
    public String key() {
        return key;
    }

    private static String keyOf(String name) {
        String[] words = name.toLowerCase(Locale.ROOT).split("_", -1);
        StringBuilder key = new StringBuilder(words[0]);
        for (int word = 1; word < words.length; word++) {
            key.append(Character.toUpperCase(words[word].charAt(0))).append(words[word], 1, words[word].length());
        }
        return key.toString();
    }
}
