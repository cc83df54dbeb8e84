package dev.glidepath.departure.execution;

import dev.glidepath.lifecycle.ActionTokens;
import dev.glidepath.lifecycle.LifecycleHooks;
import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.OwedMessages;

/**
 * What sends requests to Auto Scaling and to the queue, and what has to be remembered for them.
 *
 * @param owed by which instances a message is still needed
 */
public record AwsRequests(LifecycleHooks hooks, ActionTokens tokens, MessageQueue queue, OwedMessages owed) {}
