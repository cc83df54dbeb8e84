package dev.glidepath.departure.decision;

import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.KubeNode;
import java.time.Duration;
import java.time.Instant;

/**
 * How long an instance is waited for that may be about to become a node of ours: until its node has joined, and then until that
 * has the labels by which it is selected. Labels may come after the node: the cloud's controller sets zone and type, and
 * autoscalers and operators set what they are to be known by.
 */
final class Joining {
    /** How long after it has become Ready a node is labelled yet: some set their labels then. */
    private static final Duration LABELLED_WITHIN = Duration.ofSeconds(3);

    /** The same for a launch: while it waits nothing is lost, and without us its instance may be terminated. */
    private static final Duration LABELLED_WITHIN_A_LAUNCH = Duration.ofMinutes(5);

    /** A node that is not Ready so long after it has joined is not booting. */
    private static final Duration READY_WITHIN = Duration.ofMinutes(15);

    private final Policy policy;

    Joining(Policy policy) {
        this.policy = policy;
    }

    /** How long a notice waits for a node with its instance to join. A state change is not worth a wait. */
    Instant joinsUntil(Notice notice) {
        Instant waited = notice.receivedAt().plus(policy.nodeWait());
        return switch (notice.interruption()) {
            case StateChange _ -> notice.receivedAt();
            case AsgTermination _ -> waited;
            default ->
                Causes.of(notice)
                        .flatMap(Cause::goneAt)
                        .map(goneAt -> Deadlines.earlier(goneAt, waited))
                        .orElse(waited);
        };
    }

    /** How long a notice waits for a node that is not selected to be so. */
    Instant selectedUntil(KubeNode node, Notice notice) {
        return Deadlines.earlier(joinsUntil(notice), labelledUntil(node, LABELLED_WITHIN));
    }

    /** The same for a launch. */
    Instant launchSelectedUntil(KubeNode node) {
        return labelledUntil(node, LABELLED_WITHIN_A_LAUNCH);
    }

    private static Instant labelledUntil(KubeNode node, Duration onceReady) {
        Instant booting = node.joinedAt().plus(READY_WITHIN);
        return node.readySince()
                .map(since -> Deadlines.earlier(since.plus(onceReady), booting))
                .orElse(booting);
    }
}
