package dev.glidepath.event;

import java.time.Instant;

/** Something AWS announced that ends, or may end, an instance, reduced to what we act on. */
public sealed interface Interruption {

    /** The instance it is about. */
    InstanceId instance();

    /** The event's own time: when AWS spoke, not when we heard. */
    Instant noticedAt();

    /** The same for every message that tells of this interruption. */
    default InterruptionId id() {
        return new InterruptionId(
                switch (this) {
                    case SpotInterruption spot -> kind() + "/" + spot.instance() + "/" + spot.noticedAt();
                    case AsgTermination asg -> kind() + "/" + asg.action().token();
                    case StateChange change ->
                        kind() + "/" + change.instance() + "/" + change.state().label() + "/" + change.noticedAt();
                });
    }

    /** The word for it in logs, metrics and on the node. */
    default String kind() {
        return switch (this) {
            case SpotInterruption _ -> "spot-interruption";
            case AsgTermination _ -> "asg-termination";
            case StateChange _ -> "state-change";
        };
    }

    /**
     * EC2 takes a spot instance back, two minutes after the notice; hibernation starts at once.
     *
     * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html">Spot
     *     instance interruption notices</a>
     */
    record SpotInterruption(InstanceId instance, Instant noticedAt, SpotAction action) implements Interruption {}

    /**
     * An Auto Scaling group terminates an instance, and a lifecycle hook holds it.
     *
     * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html">Lifecycle hooks</a>
     */
    record AsgTermination(LifecycleAction action, Instant noticedAt) implements Interruption {
        @Override
        public InstanceId instance() {
            return action.instance();
        }
    }

    /**
     * An instance is on its way down, or is down: any state but {@code pending} and {@code running}.
     *
     * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html">State
     *     change events</a>
     */
    record StateChange(InstanceId instance, Instant noticedAt, InstanceState state) implements Interruption {}

    /** What EC2 does with a spot instance it takes back. */
    enum SpotAction {
        /** Also stands for every action nobody knows yet: the worst that can be meant. */
        TERMINATE,
        STOP,
        HIBERNATE
    }
}
