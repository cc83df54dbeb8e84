/**
 * Empties a node.
 *
 * <pre>
 *   PodsOnNode (raw list + watch) --Pod--> PodRules --> DrainPlan (evict, await, stay, each with its reason)
 *                                                          |
 *                                                      Evictor --> EvictionOutcome
 * </pre>
 *
 * The plan is pure, the evictor thin: it asks once a call, and who calls again decides when. Budgets are honoured. No
 * model object of a client is kept: a pod is a small record of our own, made while its JSON is parsed. Nothing here knows
 * SQS or Auto Scaling.
 */
@NullMarked
package dev.glidepath.drain;

import org.jspecify.annotations.NullMarked;
