/**
 * The real counterparts Glidepath is tested against: a queue, Auto Scaling, a control plane.
 *
 * <pre>
 *   AutoScalingStandIn --lifecycle message--> TestQueue --SQS protocol--> the code under test
 *            ^                                                                  |
 *            +---------------------- Query protocol ----------------------------+
 * </pre>
 *
 * Everything listens on free loopback ports, speaks the real protocol to the real client, and remembers what it was told, so
 * that tests assert on what the world looks like afterwards.
 */
@NullMarked
package dev.glidepath.lab;

import org.jspecify.annotations.NullMarked;
