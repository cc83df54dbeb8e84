package dev.glidepath.event;

/**
 * What makes an interruption the same one however often, and in however many messages, it is told: kind and instance
 * with the event's time, or with the lifecycle action's token. As good as that token, so never logged.
 */
public record InterruptionId(String value) {}
