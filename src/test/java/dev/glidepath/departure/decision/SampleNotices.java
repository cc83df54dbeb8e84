package dev.glidepath.departure.decision;

import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.CapacityInterruption;
import dev.glidepath.event.Interruption.RebalanceRecommendation;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.Interruption.ScheduledChange;
import dev.glidepath.event.Interruption.ScheduledChangeClosed;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.StateChange;
import dev.glidepath.event.Interruption.Window;
import dev.glidepath.event.LifecycleAction;
import java.time.Instant;
import java.util.Optional;

/** What AWS says of the instance of a {@link Play}. */
final class SampleNotices {
    /** Ours by its name. */
    static final LifecycleAction LAUNCH = new LifecycleAction("workers", "glidepath-launch", "launch", Play.INSTANCE);

    private static final String EVENT = "arn:aws:health:eu-central-1::event/EC2/maintenance-1";

    private SampleNotices() {}

    static SpotInterruption spot(Instant at) {
        return new SpotInterruption(Play.INSTANCE, at, SpotAction.TERMINATE);
    }

    static RebalanceRecommendation rebalance(Instant at) {
        return new RebalanceRecommendation(Play.INSTANCE, at);
    }

    static StateChange state(InstanceState state, Instant at) {
        return new StateChange(Play.INSTANCE, at, state);
    }

    static CapacityInterruption capacity(Instant at, Instant goneAt) {
        return new CapacityInterruption(Play.INSTANCE, at, "cr-1", goneAt);
    }

    static AsgTermination toWarmPool(String token, Instant at) {
        return new AsgTermination(Play.hook(token), at, Route.EVENT_BRIDGE, true);
    }

    static AsgLaunch launch(Instant at) {
        return new AsgLaunch(LAUNCH, at, Route.EVENT_BRIDGE, false, false);
    }

    static AsgLaunch launchIntoWarmPool(Instant at) {
        return new AsgLaunch(LAUNCH, at, Route.EVENT_BRIDGE, false, true);
    }

    static AsgLaunch launchFromWarmPool(Instant at) {
        return new AsgLaunch(LAUNCH, at, Route.EVENT_BRIDGE, true, false);
    }

    /** One of the updates of one event. */
    static ScheduledChange change(int update, Instant at, Instant startsAt) {
        return change(update, at, Window.startingAt(startsAt));
    }

    static ScheduledChange change(int update, Instant at, Window window) {
        return new ScheduledChange(Play.INSTANCE, at, EVENT, "update-" + update, Optional.of(window));
    }

    /** One of which nobody can read when it begins. */
    static ScheduledChange changeAtSomeTime(int update, Instant at) {
        return new ScheduledChange(Play.INSTANCE, at, EVENT, "update-" + update, Optional.empty());
    }

    static ScheduledChangeClosed closed(int update, Instant at) {
        return new ScheduledChangeClosed(Play.INSTANCE, at, EVENT, "update-" + update);
    }
}
