package dev.glidepath.departure.decision;

import dev.glidepath.departure.snapshot.Notice;
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

    private final DecisionContext context;

    Launches(DecisionContext context) {
        this.context = context;
    }

    /** Completes the launch's hook when it is time. */
    Progress complete(Notice notice, AsgLaunch launch) {
        Hook hook = new Hook(launch.id(), launch.action(), notice.noticedAt(), notice.receivedAt());
        if (launch.toWarmPool() || new KnownHook(context, hook).ownership() == Verdict.NOT_OURS) {
            return Progress.DONE;
        }
        Instant until = notice.receivedAt().plus(ALLOWANCE);
        return switch (context.snapshot().node()) {
            case Gone gone when !gone.wentAt().isBefore(notice.receivedAt()) -> Progress.DONE;
            case Gone _, NeverSeen _ -> awaitUntil(until); // out of a warm pool an instance comes back with a new node
            case Present(KubeNode node)
            when !Siblings.of(context, node).isFirst() -> Progress.DONE; // left to the first
            case Present(KubeNode node)
            when !context.selects(node) ->
                awaitUntil(Deadlines.earlier(until, new Joining(context.policy()).launchSelectedUntil(node)));
            case Present(KubeNode node) ->
                isReady(node) ? Hooks.ofLaunch(context, hook).complete() : awaitUntil(until);
        };
    }

    /** The node, or another of its instance: of two Node objects one may be stale. */
    private boolean isReady(KubeNode node) {
        return Stream.concat(Stream.of(node), Siblings.of(context, node).others().stream())
                .anyMatch(each -> each.ready() && isNoLongerAway(each));
    }

    /** One that comes back is first freed from what we did to it. */
    private boolean isNoLongerAway(KubeNode node) {
        return node.journal()
                .filter(journal ->
                        journal.stop().isPresent() && !journal.changed().isEmpty())
                .isEmpty();
    }

    /** Waits until then; done when that moment is past. */
    private Progress awaitUntil(Instant until) {
        context.pending().lookAgainAfter(until);
        return Progress.doneIf(!context.now().isBefore(until));
    }
}
