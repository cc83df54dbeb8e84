package dev.glidepath.departure.action;

import java.util.Locale;

/** Why a departure ends. */
public enum Ending {
    /** The pods are gone. */
    DRAINED,
    /** The deadline came first. */
    DEADLINE_PASSED,
    /** The node is deleted. */
    NODE_GONE,
    /** The instance is off, as EC2 or the cloud provider reports. */
    MACHINE_OFF,
    /** The node does not answer: each pod was asked, and no kubelet on it can do more. */
    UNRESPONSIVE,
    /** The deadline passed long ago, and the node is well. */
    STALE,
    /** The node's journal says that all this was settled before. */
    ALREADY_SETTLED,
    /** No node with this instance appeared in time. */
    NOT_OUR_NODE,
    /** The setting for the nodes we may touch does not select it. */
    NOT_SELECTED,
    /** It is cordoned, and the setting for its kind asks no more. */
    CORDONED,
    /** What was announced was withdrawn, or moved far away: what was done for it is undone. */
    WITHDRAWN,
    /** What was at risk is well after an hour: what was done for it is undone. */
    LAPSED,
    /** What was announced did not come true, and the instance is healthy: what was done to its node is undone. */
    SURVIVED,
    /** The instance is back: what was done to its node is undone. */
    BACK,
    /** This replica cannot act: the messages are for another. */
    HANDED_BACK,
    /** The node's journal is of a later version, and a replica lives that can read it: its messages are left to that one. */
    LEFT_TO_NEWER,
    /** The node's journal cannot be read, and nothing that was announced takes the instance: the node is left alone. */
    JOURNAL_UNREADABLE;

    /** The word for it in logs and metrics. */
    public String reason() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
