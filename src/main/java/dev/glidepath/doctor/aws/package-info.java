/**
 * The checks at AWS: credentials, the queue, the rules that feed it, and the lifecycle hooks of the nodes' Auto Scaling groups.
 *
 * <pre>
 *   STS, SQS, EventBridge, Auto Scaling --answers--&gt; AwsChecks --&gt; Findings
 * </pre>
 *
 * Only reads are sent, and requests for no message, which show whether a permission is missing. The types of the SDK stay in this
 * package. The instances behind the nodes are handed in, so nothing here knows the cluster.
 */
@NullMarked
package dev.glidepath.doctor.aws;

import org.jspecify.annotations.NullMarked;
