package dev.glidepath.points;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PointsOptionsTest {
    @Test
    void runsEverythingByDefaultSaveWhatNoProgramWithstands() {
        PointsOptions options = PointsOptions.of(Map.of());

        assertThat(options.departures()).isEqualTo(RecordedDeparture.all());
        assertThat(options.disturbances())
                .doesNotContain(Disturbance.KILLED_FOR_GOOD)
                .hasSize(8);
        assertThat(options.lanes()).isEqualTo(8);
        assertThat(options.includes(new Point("evict", "web", 1))).isTrue();
    }

    @Test
    void runsWhatIsNamedAlone() {
        PointsOptions options = PointsOptions.of(
                Map.of("DEPARTURES", "spot", "DISTURBANCES", "killed, killed-for-good", "POINT", "evict"));

        assertThat(options.departures()).containsExactly(RecordedDeparture.SPOT);
        assertThat(options.disturbances()).containsExactly(Disturbance.KILLED, Disturbance.KILLED_FOR_GOOD);
        assertThat(options.includes(new Point("evict", "web", 1))).isTrue();
        assertThat(options.includes(new Point("cordon", "doomed", 1))).isFalse();
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(() -> PointsOptions.of(Map.of("DISTURBANCES", "flood")))
                .hasMessageStartingWith("DISTURBANCES is flood: each is one of [KILLED, ");
        assertThatThrownBy(() -> PointsOptions.of(Map.of("LANES", "many")))
                .hasMessage("LANES is many: it is a whole number");
        assertThatThrownBy(() -> PointsOptions.of(Map.of("LANES", "0"))).hasMessage("LANES is 0: it is at least 1");
    }
}
