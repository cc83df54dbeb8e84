/**
 * Evictions and, past them, deletions: thin calls, and every answer an outcome of its own.
 *
 * <pre>
 *   pod --Evictor--&gt; EvictionOutcome
 *       --Deleter--&gt; DeletionOutcome, MarkOutcome
 * </pre>
 *
 * One request a call, each for the pod of one UID alone; nothing is tried again here. Which pod is next, and what follows a
 * refusal, is decided elsewhere.
 */
@NullMarked
package dev.glidepath.drain.eviction;

import org.jspecify.annotations.NullMarked;
