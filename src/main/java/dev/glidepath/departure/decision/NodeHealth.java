package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action.AskKubelet;
import dev.glidepath.departure.action.Outcome.Renewed;
import dev.glidepath.departure.snapshot.Attempt;
import dev.glidepath.departure.snapshot.Attempt.State.Done;
import dev.glidepath.departure.snapshot.Attempt.State.InFlight;
import dev.glidepath.departure.snapshot.Attempt.State.Waiting;
import dev.glidepath.node.KubeNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The health of one node. A node is healthy when it is Ready and its kubelet has renewed its Lease since; it counts as Ready for
 * forty seconds and more after its instance went. The time in a Lease is by the kubelet's own clock: only a change between two of
 * our looks, or no change, proves anything.
 *
 * @see <a href="https://kubernetes.io/docs/reference/node/node-status/#heartbeats">Node heartbeats</a>
 */
final class NodeHealth {
    /** The interval at which a kubelet renews its Lease. */
    private static final Duration LEASE_RENEWED_EVERY = Duration.ofSeconds(10);

    /** The cluster takes nearly a minute to see that a kubelet is silent, and a watch may be half a minute behind unnoticed. */
    private static final Duration BEING_READY_PROVES_AFTER = Duration.ofSeconds(90);

    /** As long as a cluster waits for a kubelet by default. */
    private static final Duration SILENT_AFTER = Duration.ofSeconds(40);

    private static final Duration UNRESPONSIVE_AFTER = Duration.ofSeconds(60);

    private static final AskKubelet ASK = new AskKubelet();

    private final DecisionContext context;
    private final KubeNode node;

    NodeHealth(DecisionContext context, KubeNode node) {
        this.context = context;
        this.node = node;
    }

    /** What is known of a node's health. */
    enum Health {
        HEALTHY,
        UNHEALTHY,
        UNKNOWN
    }

    /** The node's health since that moment, as far as it is known now. */
    Health since(Instant moment) {
        if (!node.ready()) {
            return Health.UNHEALTHY;
        }
        if (context.attempts().isKubeletAliveSince(moment, context.now())) {
            return Health.HEALTHY;
        }
        return switch (lastLook()) {
            case Done(var _, Renewed _), InFlight _ -> bySilenceSince(moment);
            case null -> bySilenceSince(moment);
            // It has no Lease; or it may not be read, or cannot be.
            case Done _, Waiting _ -> isProvedByBeingReady(moment) ? Health.HEALTHY : Health.UNKNOWN;
        };
    }

    /** Looks at the kubelet's Lease where that may show more of the node's health since that moment. Returns what is known by now. */
    Health establishSince(Instant moment) {
        Health known = since(moment);
        if (node.ready() && known != Health.HEALTHY) {
            requestEvidence(moment);
        }
        return known;
    }

    /** Looks at the Lease of a kubelet that may be off, as often as it would be renewed. */
    void watchKubelet() {
        Instant last = context.attempts().done(ASK).map(Done::at).orElse(Instant.MIN);
        context.pending().repeatAt(last.plus(LEASE_RENEWED_EVERY), ASK);
    }

    /**
     * Whether the node does not answer, so that its pods cannot be ended: the cluster has not heard of its kubelet for long, or it
     * is not Ready and its kubelet does not renew its Lease. A node that merely reports that it is not Ready (its network or its
     * disk has a fault) ends its pods like any other.
     */
    boolean isUnresponsive() {
        return !node.ready()
                && (isKubeletSilent()
                        || unresponsiveAt()
                                .filter(at -> !context.now().isBefore(at))
                                .isPresent());
    }

    /** When a node of which the cluster does not hear will count as one that does not answer. */
    Optional<Instant> unresponsiveAt() {
        return node.unknownSince().map(since -> since.plus(UNRESPONSIVE_AFTER));
    }

    /** Whether its kubelet was seen not to renew its Lease for so long that it is off. */
    boolean isKubeletSilent() {
        return isSilentSince(Instant.MIN);
    }

    private boolean isSilentSince(Instant moment) {
        return context.attempts().kubeletSilentSince(moment, context.now()).compareTo(SILENT_AFTER) >= 0;
    }

    private Health bySilenceSince(Instant moment) {
        return isSilentSince(moment) ? Health.UNHEALTHY : Health.UNKNOWN;
    }

    /** A node whose kubelet is silent looks Ready for a while, and longer where the watches show it as it was. */
    private boolean isProvedByBeingReady(Instant moment) {
        return context.snapshot().conditions().viewIsFresh()
                && !context.now().isBefore(moment.plus(BEING_READY_PROVES_AFTER));
    }

    private void requestEvidence(Instant moment) {
        switch (lastLook()) {
            case Done(Instant at, Renewed _) -> context.pending().repeatAt(at.plus(LEASE_RENEWED_EVERY), ASK);
            case Done(Instant at, var _) -> requestEvidence(moment, at.plus(LEASE_RENEWED_EVERY));
            case Waiting _ -> requestEvidence(moment, context.now());
            case InFlight _ -> {} // its outcome is a signal
            case null -> context.pending().request(ASK);
        }
    }

    private void requestEvidence(Instant moment, Instant lookAgainAt) {
        context.pending().lookAgainAfter(moment.plus(BEING_READY_PROVES_AFTER));
        context.pending().repeatAt(lookAgainAt, ASK);
    }

    private Attempt.@Nullable State lastLook() {
        return context.attempts().of(ASK).map(Attempt::state).orElse(null);
    }
}
