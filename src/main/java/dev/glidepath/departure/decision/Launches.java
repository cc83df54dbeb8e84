package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.CompleteHook;
import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.node.Journal.Hook;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight.Gone;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.node.NodeSight.Present;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Instances that a lifecycle hook holds while they are launched: the hook is completed when the node is Ready. On the way into
 * a warm pool no node becomes Ready, and where none does in time something is wrong: both are left to the hook's default.
 *
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/warm-pool-instance-lifecycle.html">Lifecycle state
 *     transitions for instances in a warm pool</a>
 */
final class Launches {
    /** How long an instance may take to become a Ready node. */
    private static final Duration ALLOWANCE = Duration.ofMinutes(15);

    private final Question question;

    Launches(Question question) {
        this.question = question;
    }

    /** Whether nothing is owed for this launch any more; what is owed is begun. */
    boolean isPaid(Notice notice, AsgLaunch launch) {
        Instant until = notice.receivedAt().plus(ALLOWANCE);
        if (launch.toWarmPool() || !question.now().isBefore(until)) {
            return true;
        }
        return switch (question.sight().node()) {
            case Gone _ -> true;
            case NeverSeen _ -> waits(until);
            case Present(KubeNode node) ->
                (node.ready() && isNoLongerAway(node)) ? completed(notice, launch) : waits(until);
        };
    }

    /** Until when it is worth to wait for a node. */
    static Instant awaitedUntil(Notice notice) {
        return notice.receivedAt().plus(ALLOWANCE);
    }

    /** One that comes back is first freed from what we did to it. */
    private boolean isNoLongerAway(KubeNode node) {
        return node.journal()
                .filter(journal ->
                        journal.stop().isPresent() && !journal.changed().isEmpty())
                .isEmpty();
    }

    private boolean completed(Notice notice, AsgLaunch launch) {
        Hook hook = new Hook(
                launch.id(), launch.action(), notice.noticedAt(), notice.receivedAt(), launch.route() == Route.DIRECT);
        Hooks hooks = new Hooks(question, List.of(hook));
        return switch (hooks.ownershipOf(hook)) {
            case NOT_OURS -> true;
            case UNKNOWN -> {
                question.agenda().lookAgainAfter(awaitedUntil(notice));
                yield hooks.isDescribed(hook) && hooks.isOver(hook);
            }
            case OURS -> question.agenda().owe(new CompleteHook(launch.action(), HookResult.CONTINUE));
        };
    }

    private boolean waits(Instant until) {
        question.agenda().lookAgainAfter(until);
        return false;
    }
}
