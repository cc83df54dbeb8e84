package dev.glidepath.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProcessUsageTest {
    private static final long SELF = ProcessHandle.current().pid();

    @Test
    void cpuTimeGrowsWithWork() {
        Duration before = ProcessUsage.of(SELF).cpu();

        await("half a second of work").pollInterval(Duration.ofMillis(1)).until(() -> {
            StringBuilder work = new StringBuilder();
            while (work.length() < 100_000) {
                work.append(work.length());
            }
            return ProcessUsage.of(SELF).cpu().minus(before).compareTo(Duration.ofMillis(500)) > 0;
        });
    }

    @Test
    void peakMemoryHoldsAtLeastTheHeapInUse() {
        Runtime heap = Runtime.getRuntime();

        assertThat(ProcessUsage.of(SELF).peakResident()).isGreaterThan(heap.totalMemory() - heap.freeMemory());
    }

    @Test
    void processThatIsGoneHasNone() {
        assertThatThrownBy(() -> ProcessUsage.of(Long.MAX_VALUE)).hasMessageContaining("has ended");
    }
}
