package dev.glidepath;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.FaultProxy;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.SilentProxy;
import dev.glidepath.observe.LogEvent;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two replicas, forty departures of all kinds, and in the midst of them one of the two is cut off, or told to stop. */
@RunsTheProgram
class SickReplicaRoundsIT {
    private final long seed = ThreadLocalRandom.current().nextLong(Long.MAX_VALUE);
    private final FortyDepartures departures = new FortyDepartures(new Random(seed), FortyDepartures.Pods.SWIFT);

    @BeforeEach
    void tellTheSeed() {
        System.out.printf("sick replica: seed %d%n", seed);
    }

    @AfterEach
    void end() {
        departures.close();
    }

    @Test
    void oneIsCutOffFromTheApiServer() {
        try (SilentProxy proxy = SilentProxy.before(departures.plane())) {
            DaemonProcess sick = departures.start(proxy.variables(departures.plane()));
            departures.announceBesideAHealthyReplica();
            FortyDepartures.awaitInTheMidst(sick, LogEvent.NODE_CORDONED);

            Instant fault = Instant.now();
            proxy.cutAll();

            departures.awaitAllDone("cut off", fault, ofSeconds(100), ofSeconds(110));
        }
    }

    /** Each of its evictions takes a while, so that the others wait at the gate. */
    @Test
    void oneIsToldToStopWhileEvictionsWaitAtItsGate() {
        try (FaultProxy proxy = FaultProxy.before(departures.plane())) {
            proxy.on(FaultProxy.Request::isEviction).passAfter(ofMillis(500));
            DaemonProcess stopped = departures.start(Map.of(
                    "KUBECONFIG",
                    proxy.kubeconfigFor("glidepath", "glidepath").toString(),
                    "GLIDEPATH_DRAIN_EVICTIONS_IN_FLIGHT",
                    "2"));
            departures.announceBesideAHealthyReplica();
            FortyDepartures.awaitInTheMidst(stopped, LogEvent.POD_EVICTED);

            Instant fault = Instant.now();
            stopped.terminate();

            departures.awaitAllDone("told to stop", fault, ofSeconds(100), ofSeconds(110));
        }
    }
}
