package dev.glidepath.departure.sharing;

import static dev.glidepath.departure.sharing.PodRoom.PODS_A_NODE;
import static java.time.Duration.ZERO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.departure.sharing.PodRoom.Share;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PodRoomTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant SOON = NOW.plusSeconds(120);
    private static final Instant LATER = NOW.plus(Duration.ofHours(2));
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void close() {
        threads.shutdownNow();
    }

    @Test
    void nodeIsLetInForAsManyPodsAsAKubeletTakes() throws Exception {
        PodRoom room = room(2 * PODS_A_NODE);
        Share first = room.take(SOON, ZERO).orElseThrow();
        assertThat(room.take(SOON, ZERO)).isPresent();

        assertThat(room.take(SOON, ZERO)).as("a third").isEmpty();

        first.holds(0);
        assertThat(room.take(SOON, ZERO))
                .as("now that the first turns out to have none")
                .isPresent();
    }

    @Test
    void nodeOfMoreThanFitIsLetInAlone() throws Exception {
        PodRoom room = room(1);

        Share alone = room.take(SOON, ZERO).orElseThrow();
        alone.holds(500);

        assertThat(room.take(SOON, ZERO)).isEmpty();
        alone.close();
        assertThat(room.take(SOON, ZERO)).isPresent();
    }

    @Test
    void closingTwiceFreesOnce() throws Exception {
        PodRoom room = room(2 * PODS_A_NODE);
        Share first = room.take(SOON, ZERO).orElseThrow();
        assertThat(room.take(SOON, ZERO)).isPresent();

        first.close();
        first.close();
        first.holds(-1_000);

        assertThat(room.take(SOON, ZERO)).isPresent();
        assertThat(room.take(SOON, ZERO)).isEmpty();
    }

    @Test
    void theNodeWithTheLeastTimeComesFirst() throws Exception {
        PodRoom room = room(PODS_A_NODE);
        Share taken = room.take(SOON, ZERO).orElseThrow();
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        List<Future<?>> all = new ArrayList<>();
        for (int minute : List.of(3, 1, 4, 2)) {
            all.add(threads.submit(() -> {
                try (Share _ =
                        room.take(SOON.plus(Duration.ofMinutes(minute)), LIMIT).orElseThrow()) {
                    order.add(minute);
                }
                return null;
            }));
        }
        await().until(() -> room.waiting() == 4);

        taken.close();
        for (Future<?> each : all) {
            each.get(1, TimeUnit.MINUTES);
        }

        assertThat(order).containsExactly(1, 2, 3, 4);
    }

    @Test
    void interruptLeavesTheTurnToOthers() throws Exception {
        PodRoom room = room(PODS_A_NODE);
        Share taken = room.take(SOON, ZERO).orElseThrow();
        Future<?> first = threads.submit(() -> room.take(SOON, LIMIT));
        await().until(() -> room.waiting() == 1);
        Future<Boolean> second =
                threads.submit(() -> room.take(SOON.plusSeconds(1), LIMIT).isPresent());
        await().until(() -> room.waiting() == 2);

        first.cancel(true);
        await().until(() -> room.waiting() == 1);
        taken.close();

        assertThat(second.get(1, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void halfOfTheHeapIsForPods() throws Exception {
        PodRoom room = PodRoom.inHeapOf(2L * 8_000 * PODS_A_NODE, InstantSource.fixed(NOW));

        assertThat(room.take(SOON, ZERO)).isPresent();
        assertThat(room.take(SOON, ZERO)).isEmpty();
    }

    @Test
    void halfIsKeptForMachinesThatGoSoon() throws Exception {
        PodRoom room = room(2 * PODS_A_NODE);
        assertThat(room.take(LATER, ZERO)).isPresent();

        assertThat(room.take(LATER, ZERO)).isEmpty();
        assertThat(room.take(SOON, ZERO)).isPresent();
    }

    @Test
    void fewNodesAreInDoubtAtOnce() throws Exception {
        PodRoom room = room(100 * PODS_A_NODE);
        List<Share> inDoubt = new ArrayList<>();
        for (int i = 0; i < PodRoom.NODES_IN_DOUBT; i++) {
            inDoubt.add(room.take(SOON, ZERO).orElseThrow());
        }
        assertThat(room.take(SOON, ZERO)).isEmpty();

        inDoubt.get(0).holds(250);
        inDoubt.get(1).close();

        assertThat(room.take(SOON, ZERO)).isPresent();
        assertThat(room.take(SOON, ZERO)).isPresent();
        assertThat(room.take(SOON, ZERO)).isEmpty();
    }

    @Test
    void nobodyWaitsWhenTheProgramStops() throws Exception {
        PodRoom room = room(PODS_A_NODE);
        assertThat(room.take(SOON, ZERO)).isPresent();
        Future<Boolean> waits = threads.submit(() -> room.take(SOON, LIMIT).isPresent());
        await().until(() -> room.waiting() == 1);

        room.close();

        assertThat(waits.get(30, TimeUnit.SECONDS)).isFalse();
        assertThat(room.take(SOON, LIMIT)).isEmpty();
    }

    private static PodRoom room(int most) {
        return new PodRoom(most, InstantSource.fixed(NOW));
    }
}
