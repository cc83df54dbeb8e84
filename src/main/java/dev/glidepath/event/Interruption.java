package dev.glidepath.event;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Something AWS announced that ends, or may end, an instance, reduced to what we act on. */
public sealed interface Interruption {

    /** The instance it is about. */
    InstanceId instance();

    /** The event's own time: when AWS spoke, not when we heard. */
    Instant noticedAt();

    /** The same for every message that tells of this interruption. */
    default InterruptionId id() {
        String about = kind().label() + "/" + instance() + "/";
        return new InterruptionId(
                switch (this) {
                    case SpotInterruption _, RebalanceRecommendation _ -> about + noticedAt();
                    case StateChange change -> about + change.state().label() + "/" + noticedAt();
                    case AsgTermination(LifecycleAction action, var _, var _, var _) ->
                        kind().label() + "/" + action.tokenHash();
                    case AsgLaunch(LifecycleAction action, var _, var _, var _, var _) ->
                        kind().label() + "/" + action.tokenHash();
                    case ScheduledChange change -> about + change.event() + "#" + change.communication();
                    case ScheduledChangeClosed closed -> about + closed.event() + "#" + closed.communication();
                    case CapacityInterruption capacity -> about + capacity.reservation() + "/" + capacity.goneAt();
                    case HealthNotice notice -> about + notice.event() + "#" + notice.communication();
                });
    }

    /** Which kind of interruption it is. */
    default Kind kind() {
        return switch (this) {
            case SpotInterruption _ -> Kind.SPOT_INTERRUPTION;
            case RebalanceRecommendation _ -> Kind.REBALANCE_RECOMMENDATION;
            case StateChange _ -> Kind.STATE_CHANGE;
            case AsgTermination _ -> Kind.ASG_TERMINATION;
            case AsgLaunch _ -> Kind.ASG_LAUNCH;
            case ScheduledChange _, ScheduledChangeClosed _ -> Kind.SCHEDULED_CHANGE;
            case CapacityInterruption _ -> Kind.CAPACITY_RESERVATION;
            case HealthNotice _ -> Kind.HEALTH_NOTICE;
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
     * A spot instance is at elevated risk of interruption. Often it comes before the notice, sometimes with it, and sometimes
     * nothing follows.
     *
     * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html">Rebalance
     *     recommendations</a>
     */
    record RebalanceRecommendation(InstanceId instance, Instant noticedAt) implements Interruption {}

    /**
     * An instance is on its way down, or is down: any state but {@code pending} and {@code running}.
     *
     * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html">State
     *     change events</a>
     */
    record StateChange(InstanceId instance, Instant noticedAt, InstanceState state) implements Interruption {}

    /**
     * An Auto Scaling group terminates an instance, or puts it into its warm pool, and a lifecycle hook holds it.
     *
     * @param toWarmPool whether the instance leaves for the warm pool, from which it may come back
     * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html">Lifecycle hooks</a>
     */
    record AsgTermination(LifecycleAction action, Instant noticedAt, Route route, boolean toWarmPool)
            implements Interruption {
        @Override
        public InstanceId instance() {
            return action.instance();
        }
    }

    /**
     * An Auto Scaling group launches an instance, or takes it from its warm pool, and a lifecycle hook holds it: nothing
     * departs.
     *
     * @param fromWarmPool whether the instance comes back from the warm pool
     * @param toWarmPool whether it is on its way into the warm pool, where it becomes no Ready node
     * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/warm-pool-instance-lifecycle.html">Warm pools</a>
     */
    record AsgLaunch(LifecycleAction action, Instant noticedAt, Route route, boolean fromWarmPool, boolean toWarmPool)
            implements Interruption {
        @Override
        public InstanceId instance() {
            return action.instance();
        }
    }

    /**
     * AWS Health says when something will be done to the instance: a reboot, maintenance, a retirement, a stop. The time may
     * be moved by a later update of the same event.
     *
     * @param event the ARN of the event, the same for all its updates
     * @param communication tells one update from another
     * @param window when it is done; empty where nobody can read when that begins
     * @see <a href="https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html">AWS Health
     *     events</a>
     */
    record ScheduledChange(
            InstanceId instance, Instant noticedAt, String event, String communication, Optional<Window> window)
            implements Interruption {}

    /**
     * The time in which something is done to an instance: at any moment of it, and at none before.
     *
     * @param startsAt its first moment
     * @param endsAt the first moment after it
     */
    record Window(Instant startsAt, Instant endsAt) {
        /** How long one is of which only the start is known: as long as AWS makes them by default. */
        private static final Duration USUAL_LENGTH = Duration.ofHours(2);

        /**
         * @throws IllegalArgumentException when it does not end after its start
         */
        public Window {
            if (!startsAt.isBefore(endsAt)) {
                throw new IllegalArgumentException("a window that ends at " + endsAt + " and starts at " + startsAt);
            }
        }

        /** One that starts then, and of which the end is not known. */
        public static Window startingAt(Instant startsAt) {
            return new Window(startsAt, startsAt.plus(USUAL_LENGTH));
        }

        /** The same up to this end, if that is one. */
        Window until(Instant end) {
            return startsAt.isBefore(end) ? new Window(startsAt, end) : this;
        }
    }

    /** AWS Health says that a scheduled change is over, or will not come. */
    record ScheduledChangeClosed(InstanceId instance, Instant noticedAt, String event, String communication)
            implements Interruption {}

    /**
     * The capacity an instance runs on is taken back.
     *
     * @param reservation its id, or empty where the message names none
     * @param goneAt when EC2 begins to terminate the instance
     * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitor-interruptible-cr.html">Interruptible capacity
     *     reservations</a>
     */
    record CapacityInterruption(InstanceId instance, Instant noticedAt, String reservation, Instant goneAt)
            implements Interruption {}

    /**
     * AWS Health says something of an instance that announces no change at a known time.
     *
     * @param code the event's type, such as {@code AWS_EC2_OPERATIONAL_ISSUE}
     */
    record HealthNotice(InstanceId instance, Instant noticedAt, String event, String communication, String code)
            implements Interruption {}

    /** What EC2 does with a spot instance it takes back. */
    enum SpotAction {
        /** Also stands for every action nobody knows yet: the worst that can be meant. */
        TERMINATE,
        STOP,
        HIBERNATE
    }

    /** By which way a lifecycle action was told. */
    enum Route {
        /** By a rule of EventBridge, which tells of every hook in the account. */
        EVENT_BRIDGE,
        /** By the hook itself, whose target is our queue or a topic that feeds it: such a hook is meant for us. */
        DIRECT
    }
}
