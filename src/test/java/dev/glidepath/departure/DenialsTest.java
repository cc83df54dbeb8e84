package dev.glidepath.departure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.decision.Act;
import dev.glidepath.departure.decision.Act.Evict;
import dev.glidepath.departure.decision.Act.ListPods;
import dev.glidepath.departure.decision.Act.Terms;
import dev.glidepath.drain.plan.Grace;
import dev.glidepath.drain.pod.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class DenialsTest {
    private static final Instant START = Instant.parse("2026-08-24T11:00:00Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private final Denials denials = new Denials(now::get);

    @Test
    void thousandsOfPodsThatMayNotBeEvictedAreReportedOnce() {
        assertThat(denials.begin(evict("shop", 0))).isTrue();
        for (int pod = 1; pod < 9_000; pod++) {
            assertThat(denials.begin(evict("shop", pod))).isFalse();
        }
        assertThat(denials.begin(new ListPods(1))).as("another permission").isTrue();

        assertThat(denials.end(evict("shop", 7))).isTrue();
        assertThat(denials.end(evict("shop", 8))).isFalse();
        assertThat(denials.begin(evict("shop", 9))).as("taken away again").isTrue();
    }

    @Test
    void onePermissionMayBeGrantedInANamespaceAndNotInAnother() {
        assertThat(denials.begin(evict("shop", 0))).isTrue();
        assertThat(denials.begin(evict("bank", 0))).isFalse();
        assertThat(denials.end(evict("zoo", 0))).isFalse();
        assertThat(denials.end(evict("shop", 0))).isFalse();
        assertThat(denials.end(evict("bank", 0))).isTrue();
    }

    @Test
    void whatLastsIsReportedAgainAfterAnHour() {
        assertThat(denials.begin(evict("shop", 0))).isTrue();
        now.set(START.plus(Duration.ofMinutes(59)));
        assertThat(denials.begin(evict("shop", 0))).isFalse();
        now.set(START.plus(Duration.ofMinutes(60)));
        assertThat(denials.begin(evict("shop", 0))).isTrue();
    }

    private static Act evict(String namespace, int pod) {
        return new Evict(
                new PodRef(namespace, "web-" + pod, "uid-" + pod),
                new Terms(START, Instant.MAX, new Grace(Duration.ofSeconds(30), Optional.empty()), Set.of()));
    }
}
