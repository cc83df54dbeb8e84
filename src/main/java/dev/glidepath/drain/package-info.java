/**
 * Empties a node.
 *
 * <pre>
 *   pod     (raw list + watch) --Pod-----+
 *   budget  (informer) ------Budget------+--> plan: DrainPlan (wave, last call, budgets, reason; pure)
 *   volume  (informer) --attachments--&gt;  |
 *                                        +--> gate: Place --&gt; eviction: Evictor --&gt; EvictionOutcome
 * </pre>
 *
 * Each package is one step; the plan is pure and knows the records of the others. Which pod is asked when, and what follows
 * a refusal, is decided in {@code departure.decision}. Nothing here knows SQS or Auto Scaling.
 */
@NullMarked
package dev.glidepath.drain;

import org.jspecify.annotations.NullMarked;
