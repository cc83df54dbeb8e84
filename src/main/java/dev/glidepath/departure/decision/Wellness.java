package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.AskKubelet;
import dev.glidepath.departure.decision.Attempt.State.Done;
import dev.glidepath.departure.decision.Attempt.State.InFlight;
import dev.glidepath.departure.decision.Attempt.State.Waiting;
import dev.glidepath.departure.decision.Outcome.Denied;
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

    /** For about a minute: by then the node of a kubelet that is silent is not Ready any more. */
    private static final int TRIES = 12;

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

    /** Finds out whether the node has been well since that moment: asks its kubelet where that is not known. */
    Answer examine(KubeNode node, Instant moment) {
        if (!node.ready()) {
            return Answer.NOT_WELL;
        }
        AskKubelet ask = new AskKubelet();
        return switch (question.attempts().of(ask).map(Attempt::state).orElse(null)) {
            case Done(Instant at, Renewed(Instant renewed)) -> {
                if (question.attempts().isKubeletAliveSince(moment)) {
                    yield Answer.WELL;
                }
                question.agenda().repeatAt(at.plus(ASK_AGAIN_AFTER), ask);
                yield renewed.isAfter(moment) ? Answer.NOT_KNOWN : Answer.NOT_WELL;
            }
            // Who has no Lease, or lets nobody see it, is judged by being Ready alone.
            case Done _ -> byBeingReady();
            case Waiting(var _, var _, Denied _) -> byBeingReady();
            case Waiting _, InFlight _ -> {
                question.agenda().owe(ask);
                yield triedEnough(ask) ? byBeingReady() : Answer.NOT_KNOWN;
            }
            case null -> {
                question.agenda().owe(ask);
                yield Answer.NOT_KNOWN;
            }
        };
    }

    /** Where the watches show the cluster as it was, a node looks Ready whatever has become of its machine since. */
    private Answer byBeingReady() {
        return question.sight().surroundings().viewIsFresh() ? Answer.WELL : Answer.NOT_KNOWN;
    }

    private boolean triedEnough(AskKubelet ask) {
        return question.attempts()
                .of(ask)
                .filter(attempt -> attempt.tries() > TRIES)
                .isPresent();
    }
}
