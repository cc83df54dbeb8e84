package dev.glidepath.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.InstanceId;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PendingHooksTest {
    private static final InstanceId FIRST = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final InstanceId SECOND = new InstanceId("i-0a1b2c3d4e5f60002");

    @Test
    void proveToEachReplicaWhatAnotherSaw() {
        PendingHooks pending = new PendingHooks(Map.of("pod-0/5eed", Set.of(FIRST)));

        assertThat(pending.witnessTo("pod-1/cafe", FIRST)).contains("pod-0/5eed");
        assertThat(pending.witnessTo("pod-0/beef", FIRST))
                .as("a later process of the same pod")
                .contains("pod-0/5eed");
        assertThat(pending.witnessTo("pod-1/cafe", SECOND)).isEmpty();
        assertThat(pending.witnessTo("pod-0/5eed", FIRST)).as("who saw it").isEmpty();
    }

    @Test
    void readWhatTheyWrote() {
        PendingHooks pending = new PendingHooks(Map.of("pod-0/5eed", Set.of(FIRST, SECOND), "pod-1/cafe", Set.of()));

        assertThat(PendingHooks.parse(pending.text())).isEqualTo(pending);
        assertThat(pending.text()).doesNotContain("cafe");
    }

    /** Builds that know of no copies read the instances, and pass over the rest. */
    @Test
    void sayOfEachThatWasCopiedSinceWhenBesideTheInstances() {
        PendingHooks pending = new PendingHooks(
                Map.of("pod-0/5eed", Set.of(FIRST, SECOND)), Map.of(SECOND, Instant.ofEpochSecond(1_787_000_000)));

        assertThat(PendingHooks.parse(pending.text())).isEqualTo(pending);
        assertThat(pending.text())
                .isEqualTo("{'pod-0/5eed':['%s','@1787000000','%s']}"
                        .formatted(FIRST.value(), SECOND.value())
                        .replace('\'', '"'));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "7",
                "null",
                "{}",
                "[\"i-0a1b2c3d4e5f60001\"]",
                "{\"pod-0/5eed\": [7, null, {}, [], \"web-0\"]}"
            })
    void thatSomebodyBrokeAreNone(String text) {
        assertThat(PendingHooks.parse(text)).isEqualTo(PendingHooks.NONE);
    }

    /** Whoever deletes the Lease that they stand in waits for no others to stand in his own. */
    @Test
    void thatWereCopiedLongAgoAreLeftOutAndOthersAreNot() {
        Instant noon = Instant.parse("2026-08-24T12:00:00Z");
        PendingHooks both = new PendingHooks(Map.of("a", Set.of(FIRST), "b", Set.of(SECOND)), Map.of(FIRST, noon));

        assertThat(both.copiedAfter(noon)).isEqualTo(new PendingHooks(Map.of("b", Set.of(SECOND))));
        assertThat(both.copiedAfter(noon.minusSeconds(1))).isEqualTo(both);
    }

    @Test
    void pendingHooksCoverAnInstanceWhicheverReplicaSawIt() {
        PendingHooks both = new PendingHooks(Map.of("a", Set.of(FIRST), "b", Set.of(SECOND)));

        assertThat(both.covers(new PendingHooks(Map.of("b", Set.of(FIRST))))).isTrue();
        assertThat(new PendingHooks(Map.of("a", Set.of(FIRST))).covers(both)).isFalse();
    }
}
