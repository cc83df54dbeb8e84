/**
 * The gate that all departures share: which eviction or deletion is sent next, and when.
 *
 * <pre>
 *   Entry --Gate--&gt; Place ... EvictionOutcome, DeletionOutcome --Answer--&gt; Grants
 *
 *   Grants: WaitingQueue (the order), Throttle (requests in flight), Shares (of namespaces), Reservations (of budgets)
 * </pre>
 *
 * Never more requests in flight than configured. Nothing here sends a request, and only {@link dev.glidepath.drain.gate.Gate} has a lock
 * and a thread.
 *
 * <p>More than twelve files, because each bound is a class of its own, and none of them is of use without the gate.
 */
@NullMarked
package dev.glidepath.drain.gate;

import org.jspecify.annotations.NullMarked;
