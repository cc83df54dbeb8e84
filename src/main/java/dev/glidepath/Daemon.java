package dev.glidepath;

import dev.glidepath.departure.Ability;
import dev.glidepath.departure.Departures;
import dev.glidepath.departure.Intake;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.permission.Permission;
import dev.glidepath.permission.Permission.Need;
import dev.glidepath.permission.Permissions;
import dev.glidepath.queue.Disposal;
import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.OwnQueue;
import dev.glidepath.queue.Receiver;
import dev.glidepath.queue.Receiver.State.Polling;
import dev.glidepath.queue.Receiver.State.Stopped;
import dev.glidepath.queue.Receiver.State.Troubled;
import dev.glidepath.replica.Replica;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** The order in which the parts start and stop, and whether they are well. */
final class Daemon {
    private static final Logger LOG = Logger.getLogger(Daemon.class);

    private final Watched watched;
    private final Replica replica;
    private final Ability ability;
    private final AbilityWatch abilityWatch;
    private final Overlap overlap;
    private final Nameless nameless;
    private final OwnQueue ownQueue;
    private final Allowed allowed;
    private final Receiving receiving;
    private final Departures departures;
    private final DecisionLog log;
    private final boolean dryRun;
    private final AtomicBoolean stopping = new AtomicBoolean();

    /** All that stands between the queue and the departures. */
    record Receiving(MessageQueue queue, Receiver receiver, Disposal disposal, Intake intake) {}

    /** What our role may do at AWS, and who finds that out. */
    record Allowed(Permissions permissions, PermissionChecks checks) {}

    Daemon(
            Watched watched,
            Replica replica,
            Ability ability,
            AbilityWatch abilityWatch,
            Overlap overlap,
            Nameless nameless,
            OwnQueue ownQueue,
            Allowed allowed,
            Receiving receiving,
            Departures departures,
            DecisionLog log,
            boolean dryRun) {
        this.watched = watched;
        this.replica = replica;
        this.ability = ability;
        this.abilityWatch = abilityWatch;
        this.overlap = overlap;
        this.nameless = nameless;
        this.ownQueue = ownQueue;
        this.allowed = allowed;
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
        departures.start();
        abilityWatch.start();
        watched.start(
                () -> {
                    overlap.reportOnceKnown();
                    nameless.reportOnceKnown();
                    allowed.checks().start(() -> receive(effective));
                },
                overlap::reportOnceKnown);
    }

    private void receive(List<String> effective) {
        if (!stopping.get()) {
            tellOfDryRun();
            receiving.receiver().start(receiving.intake());
            log.tell(LogEvent.GLIDEPATH_STARTED, "receiving; " + String.join(" ", effective), Map.of());
        }
    }

    private void tellOfDryRun() {
        if (dryRun) {
            log.tell(
                    LogEvent.DRY_RUN,
                    "nothing is written, in the cluster or at AWS, and messages stay in the queue"
                            + (ownQueue.traits().redrives()
                                    ? "; its redrive policy counts each delivery, also to us: use a queue of its own"
                                    : ""),
                    Map.of());
        }
    }

    /**
     * Sends nothing more, begins no receive, lets requests in flight end, releases the claims, waits for the receives that are
     * under way, and then gives messages back: who receives one is to find its departure free, and it is not to come to ourselves.
     */
    void stop() {
        stopping.set(true);
        int underWay = departures.underWay();
        departures.stop();
        log.tell(LogEvent.GLIDEPATH_STOPPING, "stopping, %d departures under way".formatted(underWay), Map.of());
        List.<Runnable>of(
                        abilityWatch::close,
                        allowed.checks()::close,
                        receiving.receiver()::receiveNoMore,
                        departures::close,
                        receiving.disposal()::close,
                        replica::release,
                        receiving.receiver()::close,
                        receiving.queue()::releaseAll,
                        watched::close)
                .forEach(Daemon::end);
    }

    /** What goes wrong with one part must not keep the others from ending as they should. */
    private static void end(Runnable part) {
        try {
            part.run();
        } catch (RuntimeException | Error failure) {
            LOG.error("a part of the program did not end as it should", failure);
        }
    }

    /** Why work would not get done now; empty when it would. */
    List<String> notReadyBecause() {
        List<String> reasons = new ArrayList<>();
        List<String> missing = ability.missing();
        if (missing.isEmpty()) {
            replica.trouble().ifPresent(reasons::add);
        } else {
            reasons.add("cannot act, and receives next to nothing: " + String.join("; ", missing));
        }
        watched.unknown().stream().filter(unknown -> !missing.contains(unknown)).forEach(reasons::add);
        ownQueue.trouble().ifPresent(reasons::add);
        reasons.addAll(allowed.permissions().missing(Need.REQUIRED));
        Stream.of(
                        watched.replicas().trouble(),
                        departures.trouble(),
                        receiving.receiver().trouble(),
                        receiving.disposal().trouble())
                .flatMap(Optional::stream)
                .forEach(reasons::add);
        switch (receiving.receiver().state()) {
            case Polling _ -> {}
            case Troubled _ when allowed.permissions().isMissing(Permission.RECEIVE_MESSAGE) -> {}
            case Stopped _ -> reasons.add("not receiving");
            case Troubled(Instant since, var _, String why) -> reasons.add("since " + since + ": " + why);
        }
        return reasons;
    }

    /** What is done with less service now, for the lack of a permission; empty when all is. */
    List<String> degradedBecause() {
        return allowed.permissions().missing(Need.WANTED);
    }
}
