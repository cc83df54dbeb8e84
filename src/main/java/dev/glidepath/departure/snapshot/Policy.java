package dev.glidepath.departure.snapshot;

import dev.glidepath.drain.plan.DrainPolicy;
import dev.glidepath.event.Kind;
import dev.glidepath.event.Response;
import dev.glidepath.lifecycle.AtDeadline;
import dev.glidepath.lifecycle.HookOwnership;
import dev.glidepath.node.NodeSelector;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The configuration of a decision, with the rules of ours.
 *
 * @param responses what is done about each kind
 * @param nodes the nodes we may touch
 * @param nodeWait how long an unknown instance may take to become a node
 * @param leadTime how long before a scheduled change its node departs
 * @param drain which pods go, and how far one goes with them
 * @param hooks which lifecycle hooks are ours, and what becomes of them
 * @param outOfServiceTaint whether a node that is off is tainted as out of service
 */
public record Policy(
        Map<Kind, Response> responses,
        NodeSelector nodes,
        Duration nodeWait,
        Duration leadTime,
        DrainPolicy drain,
        HookPolicy hooks,
        boolean outOfServiceTaint) {

    public Policy {
        responses = Map.copyOf(responses);
    }

    /**
     * How long a drain under a lifecycle hook may take.
     *
     * @param least however short the grace periods are
     * @param beyondGrace on top of the longest grace period
     */
    public record HookAllowance(Duration least, Duration beyondGrace) {
        private static final HookAllowance STANDARD = new HookAllowance(Duration.ofMinutes(15), Duration.ofMinutes(2));
    }

    /**
     * What becomes of hooks.
     *
     * @param ownership which are ours
     * @param stay whether pods that budgets hold back stay until the deadline, where nothing but the hook ends the instance
     */
    public record HookPolicy(HookOwnership ownership, HookAllowance allowance, AtDeadline atDeadline, boolean stay) {}

    /** What holds when nothing is set. */
    public static Policy standard() {
        Map<Kind, Response> responses = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            responses.put(kind, Response.DRAIN);
        }
        responses.put(Kind.REBALANCE_RECOMMENDATION, Response.NOTIFY);
        responses.put(Kind.HEALTH_NOTICE, Response.NOTIFY);
        return new Policy(
                responses,
                NodeSelector.all(),
                Duration.ofMinutes(5),
                Duration.ofHours(1),
                DrainPolicy.standard(),
                new HookPolicy(
                        new HookOwnership(Set.of(), List.of(), Optional.empty()),
                        HookAllowance.STANDARD,
                        AtDeadline.CONTINUE,
                        false),
                false);
    }

    /** The same, with these answers to some kinds. */
    public Policy with(Map<Kind, Response> other) {
        Map<Kind, Response> all = new EnumMap<>(responses);
        all.putAll(other);
        return new Policy(all, nodes, nodeWait, leadTime, drain, hooks, outOfServiceTaint);
    }

    /** The same, with this for drains. */
    public Policy with(DrainPolicy other) {
        return new Policy(responses, nodes, nodeWait, leadTime, other, hooks, outOfServiceTaint);
    }

    /** The same, with this for hooks. */
    public Policy with(HookPolicy other) {
        return new Policy(responses, nodes, nodeWait, leadTime, drain, other, outOfServiceTaint);
    }

    /** What is done about this kind. */
    public Response responseTo(Kind kind) {
        return responses.getOrDefault(kind, Response.IGNORE);
    }
}
