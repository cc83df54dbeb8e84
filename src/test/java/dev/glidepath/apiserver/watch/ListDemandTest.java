package dev.glidepath.apiserver.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.time.SteadyClock;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ListDemandTest {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
    private final SteadyClock clock = new SteadyClock(now::get, () -> ChronoUnit.NANOS.between(NOON, now.get()));
    private final ListDemand demand = new ListDemand("things", clock);
    private final AtomicBoolean watchEnded = new AtomicBoolean();

    @AfterEach
    void close() {
        demand.close();
    }

    @Test
    void aListThatIsNewEnoughIsNotWaitedFor() throws InterruptedException {
        demand.taken(clock.moment(), Duration.ZERO);

        assertThat(demand.awaitListSince(NOON, Duration.ZERO)).isTrue();
        assertThat(demand.listedAt()).isEqualTo(NOON);
        assertThat(demand.isDue()).isFalse();
    }

    @Test
    void aWaitEndsTheWatchAndIsEndedByTheList() throws InterruptedException {
        demand.beginWatch(body());
        AtomicBoolean listed = new AtomicBoolean();
        Thread waiting = startWaiting(listed);

        await().atMost(LIMIT).until(demand::isDue);
        assertThat(watchEnded).isTrue();
        demand.beginList();
        assertThat(demand.isDue()).isFalse();
        demand.taken(clock.moment(), Duration.ZERO);
        demand.endList();

        assertThat(waiting.join(LIMIT)).isTrue();
        assertThat(listed).isTrue();
    }

    @Test
    void aWatchThatBeginsWhileAListIsDueIsEnded() throws InterruptedException {
        assertThat(demand.awaitListSince(NOON, Duration.ofMillis(1))).isFalse();
        await().atMost(LIMIT).until(demand::isDue);

        demand.beginWatch(body());

        assertThat(watchEnded).isTrue();
    }

    @Test
    void aLongListIsNotReadAgainSoon() throws InterruptedException {
        demand.beginWatch(body());
        demand.taken(clock.moment(), Duration.ofSeconds(2));
        now.set(NOON.plusSeconds(30));

        assertThat(demand.awaitListSince(now.get(), Duration.ofMillis(300))).isFalse();

        assertThat(demand.isDue()).isFalse();
        assertThat(watchEnded).isFalse();
    }

    @Test
    void closingEndsTheWatchAndTheWaits() throws InterruptedException {
        demand.beginWatch(body());
        demand.close();

        assertThat(watchEnded).isTrue();
        assertThat(demand.isClosed()).isTrue();
        assertThat(demand.awaitClose(LIMIT)).isTrue();
        assertThat(demand.awaitListSince(NOON, LIMIT)).isFalse();
    }

    private Thread startWaiting(AtomicBoolean listed) {
        return Thread.startVirtualThread(() -> {
            try {
                listed.set(demand.awaitListSince(NOON, LIMIT));
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private ByteArrayInputStream body() {
        return new ByteArrayInputStream(new byte[0]) {
            @Override
            public void close() {
                watchEnded.set(true);
            }
        };
    }
}
