package dev.glidepath;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static org.awaitility.Awaitility.await;

import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.RunsTheProgram;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two replicas, forty departures of all kinds, and one of the two is killed at a random moment and started again. How often:
 * {@code -Dchaos.rounds}. Each round prints its seed, and {@code -Dchaos.seed} plays that round alone.
 */
@RunsTheProgram
class ChaosIT {
    static LongStream seeds() {
        @Nullable Long seed = Long.getLong("chaos.seed");
        return seed == null
                ? ThreadLocalRandom.current().longs(Integer.getInteger("chaos.rounds", 3), 0, Long.MAX_VALUE)
                : LongStream.of(seed);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void settlesEverythingOnceThoughAReplicaIsKilledInTheMidst(long seed) {
        System.out.printf("chaos: -Dchaos.seed=%d%n", seed);
        Random random = new Random(seed);
        try (FortyDepartures departures = new FortyDepartures(random, FortyDepartures.Pods.VARIED)) {
            departures.start(Map.of());
            departures.start(Map.of());
            departures.layOut();
            departures.daemons().forEach(DaemonProcess::awaitReady);
            Instant told = Instant.now();
            departures.announce();
            killOneAndStartItAgain(departures, random, told);

            departures.awaitSettled();

            System.out.printf("chaos: settled after %s%n", Duration.between(told, Instant.now()));
            departures.assertThatAllWasDoneOnce();
        }
    }

    private static void killOneAndStartItAgain(FortyDepartures departures, Random random, Instant told) {
        List<DaemonProcess> daemons = departures.daemons();
        DaemonProcess victim = daemons.get(random.nextInt(daemons.size()));
        Instant moment = told.plusMillis(random.nextInt(7_000));
        await("the moment")
                .atMost(ofMinutes(1))
                .pollInterval(ofMillis(5))
                .until(() -> Instant.now().isAfter(moment));
        victim.kill();
        boolean sameName = random.nextBoolean();
        System.out.printf(
                "chaos: killed %s after %s; another comes with %s name%n",
                victim.podName(), Duration.between(told, moment), sameName ? "the same" : "a new");
        if (sameName) {
            departures.add(victim.startAgain());
        } else {
            departures.start(Map.of());
        }
    }
}
