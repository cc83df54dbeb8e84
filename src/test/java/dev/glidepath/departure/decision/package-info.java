/**
 * Whole departures, played on an imagined clock: no cluster, no thread, no waiting.
 *
 * <pre>
 *   Play: a world of values (node, pods, budget, hook, queue) &lt;-- acts -- Decider &lt;-- sight -- the same world
 * </pre>
 */
@NullMarked
package dev.glidepath.departure.decision;

import org.jspecify.annotations.NullMarked;
