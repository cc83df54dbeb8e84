package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.AskKubelet;
import dev.glidepath.departure.decision.Attempt.State.Done;
import dev.glidepath.departure.decision.Attempt.State.InFlight;
import dev.glidepath.departure.decision.Attempt.State.Waiting;
import dev.glidepath.departure.decision.Outcome.Renewed;
import dev.glidepath.node.KubeNode;
import java.time.Duration;
import java.time.Instant;

/**
 * Whether a node is well: Ready, and its kubelet has renewed its Lease since. A node counts as Ready for forty seconds and more
 * after its machine went.
 *
 * @see <a href="https://kubernetes.io/docs/reference/node/node-status/#heartbeats">Node heartbeats</a>
 */
final class Wellness {
    /** As often does a kubelet renew its Lease. */
    static final Duration ASK_AGAIN_AFTER = Duration.ofSeconds(10);

    /** The cluster takes nearly a minute to see that a kubelet is silent, and a watch may be half a minute behind unnoticed. */
    private static final Duration BEING_READY_PROVES_AFTER = Duration.ofSeconds(90);

    private final Question question;

    Wellness(Question question) {
        this.question = question;
    }

    /** What is known of a node's health. */
    enum Answer {
        WELL,
        NOT_WELL,
        NOT_KNOWN
    }

    /**
     * Finds out whether the node has been well since that moment: looks at its kubelet's Lease where that is not known. What time the
     * Lease says is by a clock of the kubelet's own; only that it changes, or does not, between looks of ours proves anything.
     */
    Answer examine(KubeNode node, Instant moment) {
        if (!node.ready()) {
            return Answer.NOT_WELL;
        }
        if (question.attempts().isKubeletAliveSince(moment, question.now())) {
            return Answer.WELL;
        }
        boolean isSilent = Presence.isSilent(question.attempts().kubeletSilentSince(moment, question.now()));
        Answer soFar = isSilent ? Answer.NOT_WELL : Answer.NOT_KNOWN;
        AskKubelet ask = new AskKubelet();
        return switch (question.attempts().of(ask).map(Attempt::state).orElse(null)) {
            case Done(Instant at, Renewed _) -> {
                question.agenda().repeatAt(at.plus(ASK_AGAIN_AFTER), ask);
                yield soFar;
            }
            // It has no Lease.
            case Done(Instant at, var _) -> byBeingReady(moment, at.plus(ASK_AGAIN_AFTER), ask);
            // Nobody may see it, or nobody can.
            case Waiting _ -> byBeingReady(moment, question.now(), ask);
            case InFlight _ -> soFar;
            case null -> {
                question.agenda().owe(ask);
                yield soFar;
            }
        };
    }

    /** A node whose kubelet is silent looks Ready for a while, and longer where the watches show it as it was. */
    private Answer byBeingReady(Instant moment, Instant askAgainAt, AskKubelet ask) {
        Instant provenAt = moment.plus(BEING_READY_PROVES_AFTER);
        if (question.sight().surroundings().viewIsFresh() && !question.now().isBefore(provenAt)) {
            return Answer.WELL;
        }
        question.agenda().lookAgainAfter(provenAt);
        question.agenda().repeatAt(askAgainAt, ask);
        return Answer.NOT_KNOWN;
    }
}
