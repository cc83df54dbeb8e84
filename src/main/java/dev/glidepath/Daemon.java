package dev.glidepath;

import dev.glidepath.departure.Departures;
import dev.glidepath.departure.Intake;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.queue.Disposal;
import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.Receiver;
import dev.glidepath.queue.Receiver.State.Polling;
import dev.glidepath.queue.Receiver.State.Stopped;
import dev.glidepath.queue.Receiver.State.Troubled;
import dev.glidepath.replica.Replica;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** The order in which the parts start and stop, and whether they are well. */
final class Daemon {
    private final Watched watched;
    private final Replica replica;
    private final OwnQueue ownQueue;
    private final Receiving receiving;
    private final Departures departures;
    private final DecisionLog log;
    private final boolean dryRun;
    private final AtomicBoolean stopping = new AtomicBoolean();

    /** All that stands between the queue and the departures. */
    record Receiving(MessageQueue queue, Receiver receiver, Disposal disposal, Intake intake) {}

    Daemon(
            Watched watched,
            Replica replica,
            OwnQueue ownQueue,
            Receiving receiving,
            Departures departures,
            DecisionLog log,
            boolean dryRun) {
        this.watched = watched;
        this.replica = replica;
        this.ownQueue = ownQueue;
        this.receiving = receiving;
        this.departures = departures;
        this.log = log;
        this.dryRun = dryRun;
    }

    /**
     * Nothing is received before all nodes are known, or a notice would seem to speak of an unknown instance.
     *
     * @param effective the configuration, to be told once
     */
    void start(List<String> effective) {
        if (!dryRun) {
            replica.start(); // who writes nothing claims nothing
        }
        watched.start(() -> Thread.ofVirtual().name("start-receiving").start(() -> receive(effective)));
    }

    private void receive(List<String> effective) {
        try {
            ownQueue.learn(() -> {
                if (!stopping.get()) {
                    tellOfDryRun();
                    receiving.receiver().start(receiving.intake());
                    log.tell(LogEvent.GLIDEPATH_STARTED, "receiving; " + String.join(" ", effective), Map.of());
                }
            });
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void tellOfDryRun() {
        if (dryRun) {
            log.tell(
                    LogEvent.DRY_RUN,
                    "nothing is written, in the cluster or at AWS, and messages stay in the queue"
                            + (ownQueue.redrives()
                                    ? "; its redrive policy counts each delivery, also to us: use a queue of its own"
                                    : ""),
                    Map.of());
        }
    }

    /**
     * Stops receiving, starts no more acts, lets requests in flight end, releases the claims, and then gives messages back: who
     * receives one is to find its departure free.
     */
    void stop() {
        stopping.set(true);
        log.tell(
                LogEvent.GLIDEPATH_STOPPING,
                "stopping, %d departures under way".formatted(departures.underWay()),
                Map.of());
        receiving.receiver().stop();
        departures.close();
        receiving.disposal().close();
        replica.release();
        receiving.receiver().close();
        receiving.queue().releaseAll();
        watched.close();
    }

    /** Why work would not get done now; empty when it would. */
    List<String> notReadyBecause() {
        List<String> reasons = new ArrayList<>(watched.unknown());
        replica.trouble().ifPresent(reasons::add);
        ownQueue.trouble().ifPresent(reasons::add);
        switch (receiving.receiver().state()) {
            case Polling _ -> {}
            case Stopped _ -> reasons.add("not receiving");
            case Troubled(Instant since, var _, String why) -> reasons.add("since " + since + ": " + why);
        }
        return reasons;
    }
}
