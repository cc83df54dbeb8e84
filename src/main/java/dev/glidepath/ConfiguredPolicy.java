package dev.glidepath;

import dev.glidepath.config.GlidepathConfig;
import dev.glidepath.config.GlidepathConfig.AtLastCall;
import dev.glidepath.config.GlidepathConfig.Responses;
import dev.glidepath.config.Names;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.departure.snapshot.Policy.HookPolicy;
import dev.glidepath.drain.plan.DrainPolicy;
import dev.glidepath.event.Kind;
import dev.glidepath.event.Response;
import dev.glidepath.lifecycle.HookOwnership;
import dev.glidepath.node.NodeSelector;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the settings mean for what is decided. */
final class ConfiguredPolicy {
    private ConfiguredPolicy() {}

    /**
     * The policy that holds.
     *
     * @param queueArn our queue's, as soon as the queue has told it; until then its URL may tell it
     */
    static Policy of(GlidepathConfig config, Optional<String> queueArn) {
        Policy standard = Policy.standard();
        return new Policy(
                responses(config.response()),
                config.node().selector().orElseGet(NodeSelector::all),
                standard.nodeWait(),
                config.scheduled().leadTime(),
                drain(config),
                hooks(config, queueArn, standard.hooks().allowance()),
                config.node().outOfServiceTaint());
    }

    private static Map<Kind, Response> responses(Responses config) {
        return Map.of(
                Kind.SPOT_INTERRUPTION, config.spotInterruption(),
                Kind.REBALANCE_RECOMMENDATION, config.rebalanceRecommendation(),
                Kind.STATE_CHANGE, config.stateChange(),
                Kind.ASG_TERMINATION, config.asgTermination(),
                Kind.ASG_LAUNCH, Response.DRAIN,
                Kind.SCHEDULED_CHANGE, config.scheduledChange(),
                Kind.CAPACITY_RESERVATION, config.capacityReservation(),
                Kind.HEALTH_NOTICE, config.healthNotice());
    }

    private static DrainPolicy drain(GlidepathConfig config) {
        return new DrainPolicy(
                config.drain().waves(),
                config.drain().evictEmptyDir(),
                config.lastCall().enabled(),
                new DrainPolicy.Self(
                        config.pod().namespace().orElse(""), config.pod().name().orElse("")));
    }

    private static HookPolicy hooks(GlidepathConfig config, Optional<String> queueArn, Policy.HookAllowance allowance) {
        return new HookPolicy(
                new HookOwnership(
                        Set.copyOf(names(config.lifecycle().hooks())),
                        names(config.lifecycle().groups()),
                        queueArn.or(config.queueUrl()::arn)),
                allowance,
                config.lifecycle().atDeadline(),
                config.lifecycle().atLastCall() == AtLastCall.STAY);
    }

    private static List<String> names(Optional<Names> names) {
        return names.map(Names::values).orElse(List.of());
    }
}
