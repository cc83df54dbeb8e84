/**
 * The checks in the cluster: access, permissions, nodes, disruption budgets and the grace periods of pods.
 *
 * <pre>
 *   API server --lists, self subject reviews--&gt; ClusterChecks --&gt; Findings
 * </pre>
 *
 * Only lists and self subject reviews are requested. A list is read page by page. Nothing here knows AWS.
 */
@NullMarked
package dev.glidepath.doctor.cluster;

import org.jspecify.annotations.NullMarked;
