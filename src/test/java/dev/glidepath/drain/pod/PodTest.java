package dev.glidepath.drain.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class PodTest {
    @Test
    void whatHasNotChangedIsInMemoryOnce() {
        Pod before = pod().build();
        Pod changed =
                pod().seenAt(Instant.EPOCH.plusSeconds(9)).label("version", "2").build();

        Pod after = changed.after(before);

        assertThat(after.ref()).isSameAs(before.ref());
        assertThat(after.owner()).isSameAs(before.owner());
        assertThat(after.traits()).isSameAs(before.traits());
        assertThat(after.labels()).isEqualTo(changed.labels());
        assertThat(after.seenAt()).isEqualTo(before.seenAt());
    }

    private static SamplePod pod() {
        return SamplePod.of("web-1");
    }
}
