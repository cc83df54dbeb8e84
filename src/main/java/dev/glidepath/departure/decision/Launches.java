package dev.glidepath.departure.decision;

import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.lifecycle.HookOwnership.Verdict;
import dev.glidepath.node.Journal.Hook;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight.Gone;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.node.NodeSight.Present;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;

/**
 * Instances that a lifecycle hook holds while they are launched: the hook is completed when the node is Ready. On the way into
 * a warm pool no node becomes Ready, and where none does in time something is wrong: both are left to the hook's default. While
 * it waits no heartbeats are sent.
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

    /** Completes the launch's hook when it is time. Returns whether nothing is pending for it any more. */
    boolean complete(Notice notice, AsgLaunch launch) {
        Hook hook = new Hook(launch.id(), launch.action(), notice.noticedAt(), notice.receivedAt());
        Hooks hooks = Hooks.ofLaunch(question, hook);
        if (launch.toWarmPool() || hooks.ownershipOf(hook) == Verdict.NOT_OURS) {
            return true;
        }
        Instant until = notice.receivedAt().plus(ALLOWANCE);
        return switch (question.sight().node()) {
            case Gone gone when !gone.wentAt().isBefore(notice.receivedAt()) -> true;
            case Gone _, NeverSeen _ -> waitUntil(until); // out of a warm pool an instance comes back with a new node
            case Present(KubeNode node) when !Siblings.of(question, node).isFirst() -> true; // left to the first
            case Present(KubeNode node)
            when !question.selects(node) ->
                waitUntil(Deadlines.earlier(until, new Joining(question.policy()).launchSelectedUntil(node)));
            case Present(KubeNode node) -> isReady(node) ? hooks.complete() : waitUntil(until);
        };
    }

    /** The node, or another of its instance: of two Node objects one may be stale. */
    private boolean isReady(KubeNode node) {
        return Stream.concat(Stream.of(node), Siblings.of(question, node).others().stream())
                .anyMatch(each -> each.ready() && isNoLongerAway(each));
    }

    /** One that comes back is first freed from what we did to it. */
    private boolean isNoLongerAway(KubeNode node) {
        return node.journal()
                .filter(journal ->
                        journal.stop().isPresent() && !journal.changed().isEmpty())
                .isEmpty();
    }

    /** Looks again then. Tells whether that is past. */
    private boolean waitUntil(Instant until) {
        question.agenda().lookAgainAfter(until);
        return !question.now().isBefore(until);
    }
}
