package dev.glidepath.departure;

import static dev.glidepath.departure.PodRoom.PODS_A_NODE;
import static java.time.Duration.ZERO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.departure.PodRoom.Share;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PodRoomTest {
    private static final Instant SOON = Instant.parse("2026-01-01T00:02:00Z");
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void close() {
        threads.shutdownNow();
    }

    @Test
    void nodeIsLetInForAsManyPodsAsAKubeletTakes() throws Exception {
        PodRoom room = new PodRoom(2 * PODS_A_NODE);
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
        PodRoom room = new PodRoom(1);

        Share alone = room.take(SOON, ZERO).orElseThrow();
        alone.holds(500);

        assertThat(room.take(SOON, ZERO)).isEmpty();
        alone.close();
        assertThat(room.take(SOON, ZERO)).isPresent();
    }

    @Test
    void closingTwiceFreesOnce() throws Exception {
        PodRoom room = new PodRoom(2 * PODS_A_NODE);
        Share first = room.take(SOON, ZERO).orElseThrow();
        assertThat(room.take(SOON, ZERO)).isPresent();

        first.close();
        first.close();
        first.holds(-1_000);

        assertThat(room.take(SOON, ZERO)).isPresent();
        assertThat(room.take(SOON, ZERO)).isEmpty();
    }

    @Test
    void whoHasLessTimeComesFirst() throws Exception {
        PodRoom room = new PodRoom(PODS_A_NODE);
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
            each.get();
        }

        assertThat(order).containsExactly(1, 2, 3, 4);
    }

    @Test
    void interruptLeavesTheTurnToOthers() throws Exception {
        PodRoom room = new PodRoom(PODS_A_NODE);
        Share taken = room.take(SOON, ZERO).orElseThrow();
        Future<?> first = threads.submit(() -> room.take(SOON, LIMIT));
        await().until(() -> room.waiting() == 1);
        Future<Boolean> second =
                threads.submit(() -> room.take(SOON.plusSeconds(1), LIMIT).isPresent());
        await().until(() -> room.waiting() == 2);

        first.cancel(true);
        await().until(() -> room.waiting() == 1);
        taken.close();

        assertThat(second.get()).isTrue();
    }

    @Test
    void halfOfTheHeapIsForPods() throws Exception {
        PodRoom room = PodRoom.inHeapOf(2L * 8_000 * PODS_A_NODE);

        assertThat(room.take(SOON, ZERO)).isPresent();
        assertThat(room.take(SOON, ZERO)).isEmpty();
    }
}
