package dev.glidepath;

import static java.time.Duration.ofSeconds;

import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.SilentProxy;
import dev.glidepath.observe.LogEvent;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two replicas, forty departures of all kinds, and in the midst of them the connections of one of the two fall silent. */
@RunsTheProgram
class SilentReplicaRoundIT {
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
    void theOpenConnectionsOfOneToTheApiServerFallSilent() {
        try (SilentProxy proxy = SilentProxy.before(departures.plane())) {
            DaemonProcess sick = departures.start(proxy.variables(departures.plane()));
            departures.announceBesideAHealthyReplica();
            FortyDepartures.awaitInTheMidst(sick, LogEvent.NODE_CORDONED);

            Instant fault = Instant.now();
            proxy.silenceOpen();

            // A watch that fell silent is opened again after 75 s: pods are not kept waiting for that.
            departures.awaitAllDone("silent connections", fault, ofSeconds(70), ofSeconds(200));
        }
    }
}
