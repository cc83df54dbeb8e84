/**
 * Words of the Kubernetes API that several steps share, as {@code event} has those of AWS.
 *
 * <pre>
 *   labels --LabelSelector--&gt; selected or not     (budgets select pods, the configuration selects nodes)
 *   DepartingTaint: the key that nodes get and that pods tolerate
 * </pre>
 *
 * Values only: no I/O, no framework, and no knowledge of any step.
 */
@NullMarked
package dev.glidepath.cluster;

import org.jspecify.annotations.NullMarked;
