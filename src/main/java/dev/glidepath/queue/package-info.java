/**
 * Receives messages from SQS, keeps them from others while they are worked on, and deletes them.
 *
 * <pre>
 *                                +-- every 10 s: not visible for 30 s more --+
 *                                v                                           |
 *   SQS --Receiver, Pollers--> MessageQueue (holds the newest receipts) --> handler --> release | leave
 *                                ^     |                                     |
 *                                |     +-- SqsRequests: one request each     |
 *                                +-- delete, ten at once --Disposal <--------+-- OwedMessages: no departure owes it any more
 * </pre>
 *
 * Knows messages, not their meaning. A message handed on is held until it is deleted, released or left; until then nobody else
 * receives it as long as SQS can be reached. Delivery is at least once, so handlers must tolerate duplicates. Receipt handles and
 * SDK types stay in here. Callers should be on a virtual thread: only there does an interrupt or a time limit end a request at
 * once, elsewhere it waits for the socket's own.
 *
 * <p>More than twelve files, as whatever holds, extends or gives up a message works with receipt handles and with times of
 * invisibility, which only classes of this package may see.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html">At-least-once delivery</a>
 */
@NullMarked
package dev.glidepath.queue;

import org.jspecify.annotations.NullMarked;
