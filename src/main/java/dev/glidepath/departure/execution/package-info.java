/**
 * What a departure sees, and how its actions are executed.
 *
 * <pre>
 *   Departure --looks--> ClusterView      LiveCluster, or SimulatedCluster in a dry run
 *             --begins--> ActionExecutor   LiveExecutor, or DryRunExecutor --> BegunAction.execute() --> Outcome
 * </pre>
 *
 * One request an action, and its outcome as a value: nothing is retried here. An action is sent only while it is wanted and
 * allowed, which {@link dev.glidepath.departure.execution.BegunAction} checks in the moment before. A dry run writes nothing: what it would
 * have written is seen as done.
 *
 * <p>More than twelve files, for what acts is split by what it acts on (nodes, pods, hooks, messages), each with its own answers, and what it
 * is made of by where it leads (the cluster's watches, requests to it, requests to AWS).
 */
@NullMarked
package dev.glidepath.departure.execution;

import org.jspecify.annotations.NullMarked;
