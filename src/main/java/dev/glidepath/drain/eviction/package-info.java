/**
 * Evictions and, past them, deletions: thin calls, every answer an outcome of its own, and the gate that grants them.
 *
 * <pre>
 *   Entry --Gate--&gt; Place --Evictor--&gt; EvictionOutcome --+
 *             ^       \----Deleter--&gt; DeletionOutcome --+--&gt; back to the gate: room, pace, reservations
 *             +-- Budget (as its informer sees it)
 * </pre>
 *
 * One request a call, each for the pod of one UID alone; nothing is tried again here. Who is asked, and what follows a
 * refusal, is decided elsewhere.
 */
@NullMarked
package dev.glidepath.drain.eviction;

import org.jspecify.annotations.NullMarked;
