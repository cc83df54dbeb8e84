/**
 * The heart: one pure question, asked again whenever something changed.
 *
 * <pre>
 *   Decision decide(Sight sight, Policy policy, Instant now)
 *
 *   what is there, what was tried  ->  what is owed now, and when to look again
 *
 *   Decider     no node: wait for it, pay its hooks, delete its messages        Launches
 *     NodeCourse    what its journal ought to say, whose it is, is it time      News, Causes, Deadlines, Wellness
 *       DrainCourse     until its pods are gone, or time is                     Turns, Presence
 *       Hooks           heartbeats, then one completion
 * </pre>
 *
 * No I/O, no clock, no thread: whole departures are played here on an imagined clock. What a departure is comes from what
 * can be seen, so a restart has nothing to restore.
 */
@NullMarked
package dev.glidepath.departure.decision;

import org.jspecify.annotations.NullMarked;
