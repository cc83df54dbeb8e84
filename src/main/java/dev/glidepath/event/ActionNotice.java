package dev.glidepath.event;

import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.CapacityInterruption;
import dev.glidepath.event.Interruption.HealthNotice;
import dev.glidepath.event.Interruption.RebalanceRecommendation;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.Interruption.ScheduledChange;
import dev.glidepath.event.Interruption.ScheduledChangeClosed;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.StateChange;
import java.util.Optional;

/**
 * A lifecycle action as its message announced it. Only a message is evidence of the hook's name and of the route: whoever may
 * change a node may write something else into the node's journal.
 */
public record ActionNotice(LifecycleAction action, Route route) {

    /** What an interruption says of a lifecycle action; empty where it is about none. */
    public static Optional<ActionNotice> of(Interruption interruption) {
        return switch (interruption) {
            case AsgTermination asg -> Optional.of(new ActionNotice(asg.action(), asg.route()));
            case AsgLaunch launch -> Optional.of(new ActionNotice(launch.action(), launch.route()));
            case SpotInterruption _,
                    RebalanceRecommendation _,
                    StateChange _,
                    ScheduledChange _,
                    ScheduledChangeClosed _,
                    CapacityInterruption _,
                    HealthNotice _ -> Optional.empty();
        };
    }

    /** Whether the hook itself sent the message. */
    public boolean isDirect() {
        return route == Route.DIRECT;
    }
}
