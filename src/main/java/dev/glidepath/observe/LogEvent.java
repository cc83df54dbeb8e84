package dev.glidepath.observe;

import java.util.Locale;
import org.jboss.logging.Logger.Level;

/** What can be told in the log. The names are public: dashboards and alerts are built on them. */
public enum LogEvent {
    /** The daemon is receiving; tells the effective configuration. */
    GLIDEPATH_STARTED(Level.INFO),
    /** Nothing is written: what would be done is told in lines that begin with "dry run: ". */
    DRY_RUN(Level.WARN),
    /** A variable begins with GLIDEPATH_ and is none of ours: a slip of the pen? */
    CONFIG_UNKNOWN(Level.WARN),
    /** What became of a variable of AWS Node Termination Handler's. */
    NTH_CONFIG_TAKEN(Level.INFO),
    /** A variable of AWS Node Termination Handler's asks for what is not here; tells what is here instead. */
    NTH_CONFIG_MISSING(Level.WARN),
    /** A permission at AWS is missing without which no work gets done: the replica is not ready until it is granted. */
    PERMISSION_REQUIRED(Level.ERROR),
    /** A permission at AWS is missing; the text says what does not work without it. The replica works on. */
    PERMISSION_MISSING(Level.WARN),
    /** A permission at AWS that was missing is granted. */
    PERMISSION_GRANTED(Level.INFO),
    /** This machine's clock is ten seconds or more from the true time, beyond doubt; every decision is made by the corrected time. */
    CLOCK_WRONG(Level.WARN),
    /** This machine's clock, which was wrong, is right again, or another was shown to be the wrong one. */
    CLOCK_RIGHT(Level.INFO),
    /** A message announced an interruption. Told for each message, duplicates included. */
    INTERRUPTION_RECEIVED(Level.INFO),
    /** A message was understood and asks nothing of us; its reason tells why. */
    INTERRUPTION_IGNORED(Level.DEBUG),
    /**
     * A message cannot be read: told at its first delivery. It is left to the queue's redrive policy; where there is none, it is deleted
     * at its third delivery, with its beginning told.
     */
    MESSAGE_UNDECODABLE(Level.WARN),
    /** Part of a message is missing or cannot be read; its reason tells what is taken instead. It is acted on. */
    MESSAGE_INCOMPLETE(Level.WARN),
    /** A message met something unforeseen when it was taken in, which is a bug; it will be delivered again. */
    MESSAGE_FAILED(Level.ERROR),
    /** No node with this instance is known, or it is not selected: it may still be booting. */
    NODE_AWAITED(Level.INFO),
    /** The node is cordoned, tainted and journaled. */
    NODE_CORDONED(Level.INFO),
    /** It is journaled on the node for later: it is not time yet, or it is done and will be undone. */
    DEPARTURE_PLANNED(Level.INFO),
    /**
     * A node's journal cannot be read: it is of a later version, or somebody broke it. Tells whether the node is drained all the same,
     * without undoing anything that was done before, or left alone.
     */
    JOURNAL_UNREADABLE(Level.WARN),
    /** Another release of Glidepath may touch nodes that we may touch as well: either may handle their interruptions. */
    RELEASES_OVERLAP(Level.WARN),
    /** There are Ready nodes that do not tell which EC2 instance they run on: no interruption finds them. Told once, at the start. */
    NODES_WITHOUT_INSTANCE(Level.WARN),
    /** A departure that another replica began is ours now: that replica is gone. */
    DEPARTURE_TAKEN_OVER(Level.INFO),
    /** What we changed on the node is taken back; the outcome tells why. */
    NODE_RESTORED(Level.INFO),
    /** The pods are known and are asked to leave; those that stay are told with their reasons at DEBUG. */
    DRAIN_STARTED(Level.INFO),
    /** A pod stays on the node, for the reason told. */
    POD_STAYS(Level.DEBUG),
    /** A pod was evicted; tells for how long a budget held it back, and which. */
    POD_EVICTED(Level.INFO),
    /** A budget holds a pod back. Told when it begins, with the budget's numbers and what can be done where waiting is in vain. */
    EVICTION_BLOCKED(Level.INFO),
    /** A webhook, a policy or a second budget refuses a pod's eviction. Told when it begins. */
    EVICTION_REFUSED(Level.WARN),
    /**
     * A pod's eviction was answered with yes, and ten seconds later nothing has come of it: a webhook or a policy of the cluster may
     * make a dry run of it. The pod is asked again, and deleted at its last call. Told once.
     */
    EVICTION_WITHOUT_EFFECT(Level.WARN),
    /** A pod that nobody makes again is to be evicted. */
    POD_WITHOUT_OWNER(Level.WARN),
    /** A pod was deleted past its budgets: it was at its last call, and its last eviction was refused. */
    POD_DELETED(Level.WARN),
    /** The deadline has moved. */
    DEADLINE_MOVED(Level.INFO),
    /** The drain is over; its outcome tells how. */
    DRAIN_FINISHED(Level.INFO),
    /** What became of one pod that had to leave; told for each when the drain is over. */
    POD_REPORTED(Level.INFO),
    /** The node is off, and tainted so that its pods and volumes are freed. */
    NODE_OUT_OF_SERVICE(Level.WARN),
    /** That taint is taken away again. */
    NODE_BACK_IN_SERVICE(Level.INFO),
    /** A hook's timer was restarted. */
    LIFECYCLE_HEARTBEAT(Level.INFO),
    /** A lifecycle action was completed. */
    LIFECYCLE_COMPLETED(Level.INFO),
    /** A lifecycle hook is not ours by its name, its target or our settings: the node departs, the hook is left alone. */
    LIFECYCLE_NOT_OURS(Level.INFO),
    /**
     * Nobody can tell whose a lifecycle hook is: the node departs, the hook is left alone. {@code lifecycle.hooks}
     * ({@code GLIDEPATH_LIFECYCLE_HOOKS}) says which are ours.
     */
    LIFECYCLE_UNDECIDED(Level.WARN),
    /** Completing a lifecycle action failed until it could not be alive any more: the hook's default result holds. */
    LIFECYCLE_GIVEN_UP(Level.WARN),
    /**
     * So many launches wait for their nodes that more are left in the queue, to be delivered again, which its redrive policy counts.
     * Told when it begins.
     */
    LAUNCH_LEFT_IN_QUEUE(Level.WARN),
    /** The deadline came first, and the hook is left to its own time-out. */
    LIFECYCLE_LEFT(Level.WARN),
    /** Messages were deleted: nothing is owed for them any more. */
    MESSAGE_DELETED(Level.INFO),
    /** Messages were made visible in the queue again, for another replica: this one cannot act, or cannot read the node's journal. */
    MESSAGE_HANDED_BACK(Level.INFO),
    /** This replica cannot act, for the reason told: it receives no more than a trickle, and hands back what it has not begun. */
    RECEIVING_PAUSED(Level.WARN),
    /** This replica can act again, and receives. */
    RECEIVING_RESUMED(Level.INFO),
    /** An act failed and is tried again. Told when that begins. */
    ACT_FAILED(Level.WARN),
    /** An act is refused for lack of a permission in the cluster: a person must act. Once for each sort of act. */
    ACT_DENIED(Level.ERROR),
    /** An act that failed before has worked. */
    ACT_RECOVERED(Level.INFO),
    /** Nothing is owed for this departure any more. */
    DEPARTURE_SETTLED(Level.INFO),
    /** A departure met something unforeseen, which is a bug; its messages will be delivered again. */
    DEPARTURE_FAILED(Level.ERROR),
    /** The daemon stops; what is in work is handed back. */
    GLIDEPATH_STOPPING(Level.INFO);

    private final Level level;

    LogEvent(Level level) {
        this.level = level;
    }

    /** Its name in the log, such as {@code node.cordoned}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '.');
    }

    /** How much it matters. */
    public Level level() {
        return level;
    }
}
