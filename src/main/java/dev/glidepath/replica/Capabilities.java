package dev.glidepath.replica;

/**
 * What others must know of a replica, as its Lease says it.
 *
 * @param journalVersion the highest version of a node's journal that it can read; 0 where its Lease does not say
 * @param nodeSelector which nodes it may touch; empty for all of them
 */
public record Capabilities(int journalVersion, String nodeSelector) {}
