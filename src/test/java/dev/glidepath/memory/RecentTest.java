package dev.glidepath.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RecentTest {
    private final Recent<String, Integer> recent = new Recent<>(3);

    @Test
    void forgetsWhatWasPutInFirst() {
        putIn("a", "b", "c", "d");

        assertThat(recent.contains("a")).isFalse();
        assertThat(recent.get("d")).contains(3);
        assertThat(recent.values()).containsExactlyInAnyOrder(1, 2, 3);
    }

    @Test
    void keepsWhatWasAskedForSince() {
        putIn("a", "b", "c");
        assertThat(recent.get("a")).contains(0);

        recent.put("d", 3);

        assertThat(recent.contains("a")).isTrue();
        assertThat(recent.contains("b")).isFalse();
    }

    @Test
    void forgetsOneEvenIfAllWereAskedFor() {
        putIn("a", "b", "c");
        recent.get("a");
        recent.get("b");
        recent.get("c");

        recent.put("d", 3);

        assertThat(recent.values()).hasSize(3).contains(3);
    }

    @Test
    void whatIsPutInAgainIsTheLatest() {
        putIn("a", "b", "c");

        recent.put("a", 7);
        recent.put("d", 3);

        assertThat(recent.get("a")).contains(7);
        assertThat(recent.contains("b")).isFalse();
    }

    @Test
    void mergesWithWhatIsThere() {
        recent.merge("a", 1, Integer::sum);
        recent.merge("a", 2, Integer::sum);

        assertThat(recent.get("a")).contains(3);
    }

    @Test
    void mergeThatFailsChangesNothing() {
        putIn("a", "b", "c");

        assertThatIllegalStateException()
                .isThrownBy(() -> recent.merge("a", 1, (_, _) -> {
                    throw new IllegalStateException("no");
                }));

        recent.put("d", 3);
        assertThat(recent.values()).containsExactlyInAnyOrder(1, 2, 3);
    }

    @Test
    void makesWhatIsNotThereOnce() {
        assertThat(recent.getOrPut("a", () -> 1)).isEqualTo(1);
        assertThat(recent.getOrPut("a", () -> 2)).isEqualTo(1);
    }

    @Test
    void putsInOnceUntilItIsRemoved() {
        assertThat(recent.putIfAbsent("a", 1)).isEmpty();
        assertThat(recent.putIfAbsent("a", 2)).contains(1);
        assertThat(recent.get("a")).contains(1);

        recent.remove("a");

        assertThat(recent.putIfAbsent("a", 3)).isEmpty();
        assertThat(recent.get("a")).contains(3);
    }

    @Test
    void puttingInWhatIsThereDoesNotKeepIt() {
        putIn("a", "b", "c");

        recent.putIfAbsent("a", 7);
        recent.putIfAbsent("d", 3);

        assertThat(recent.values()).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(recent.contains("a")).isFalse();
    }

    @Test
    void removesOnlyWhatIsLikeThat() {
        putIn("a", "b");

        recent.removeIf("a", value -> value == 1);
        recent.removeIf("b", value -> value == 1);
        recent.removeIf("c", _ -> true);

        assertThat(recent.values()).containsExactly(0);
    }

    @Test
    void askingDoesNotWaitForWriting() throws InterruptedException {
        recent.put("a", 0);
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        Thread writer = Thread.ofVirtual()
                .start(() -> recent.merge("a", 1, (before, latest) -> {
                    writing.countDown();
                    return await(asked) ? latest : before;
                }));
        assertThat(await(writing)).isTrue();

        assertThat(recent.get("a")).contains(0);
        assertThat(recent.contains("a")).isTrue();

        asked.countDown();
        assertThat(writer.join(Duration.ofMinutes(1))).isTrue();
        assertThat(recent.get("a")).contains(1);
    }

    private void putIn(String... keys) {
        for (int number = 0; number < keys.length; number++) {
            recent.put(keys[number], number);
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
