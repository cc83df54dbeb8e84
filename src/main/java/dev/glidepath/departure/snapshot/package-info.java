/**
 * What goes into a decision: all that can be seen of one departure at one moment, and what its operators have set.
 *
 * <pre>
 *   Snapshot = node + pods + budgets + Claim + ClusterConditions + Notices + Attempts        Policy = what is configured
 * </pre>
 *
 * Values, and what follows from one of them alone: {@link dev.glidepath.departure.snapshot.Attempts} knows when an action may be
 * retried, {@link dev.glidepath.departure.snapshot.Claim} when a departure may be taken over. Nothing here starts anything.
 */
@NullMarked
package dev.glidepath.departure.snapshot;

import org.jspecify.annotations.NullMarked;
