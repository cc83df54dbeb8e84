package dev.glidepath;

import dev.glidepath.departure.Departures;
import dev.glidepath.departure.Intake;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.Receiver;
import dev.glidepath.queue.Receiver.State.Polling;
import dev.glidepath.queue.Receiver.State.Stopped;
import dev.glidepath.queue.Receiver.State.Troubled;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** The order in which the parts start and stop, and whether they are well. */
final class Daemon {
    private final Watched watched;
    private final Receiver receiver;
    private final Intake intake;
    private final Departures departures;
    private final MessageQueue queue;
    private final DecisionLog log;
    private final AtomicBoolean stopping = new AtomicBoolean();

    Daemon(
            Watched watched,
            Receiver receiver,
            Intake intake,
            Departures departures,
            MessageQueue queue,
            DecisionLog log) {
        this.watched = watched;
        this.receiver = receiver;
        this.intake = intake;
        this.departures = departures;
        this.queue = queue;
        this.log = log;
    }

    /**
     * Nothing is received before all nodes are known, or a notice would seem to speak of an unknown instance.
     *
     * @param effective the configuration, to be told once
     */
    void start(List<String> effective) {
        watched.start(() -> {
            if (!stopping.get()) {
                receiver.start(intake::accept);
                log.tell(LogEvent.GLIDEPATH_STARTED, "receiving; " + String.join(" ", effective), Map.of());
            }
        });
    }

    /** Stops receiving, starts no more acts, lets requests in flight end, and gives messages back for others to receive. */
    void stop() {
        stopping.set(true);
        log.tell(
                LogEvent.GLIDEPATH_STOPPING,
                "stopping, %d departures in flight".formatted(departures.inFlight()),
                Map.of());
        receiver.stop();
        departures.close();
        receiver.close();
        queue.releaseAll();
        watched.close();
    }

    /** Why work would not get done now; empty when it would. */
    List<String> notReadyBecause() {
        List<String> reasons = new ArrayList<>(watched.unknown());
        switch (receiver.state()) {
            case Polling _ -> {}
            case Stopped _ -> reasons.add("not receiving");
            case Troubled(Instant since, var _, String why) -> reasons.add("since " + since + ": " + why);
        }
        return reasons;
    }
}
