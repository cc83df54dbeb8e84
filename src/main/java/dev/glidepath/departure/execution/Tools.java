package dev.glidepath.departure.execution;

/**
 * What every departure sees and acts with; shared by all of them.
 *
 * @param dryRun whether what would be written is simulated instead
 */
public record Tools(ClusterSources sources, ClusterRequests requests, AwsRequests aws, boolean dryRun) {}
