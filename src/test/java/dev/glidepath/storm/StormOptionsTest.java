package dev.glidepath.storm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class StormOptionsTest {
    @Test
    void measuresAllNamedStormsByDefault() {
        StormOptions options = StormOptions.of(Map.of());

        assertThat(options.scenarios()).isEqualTo(Scenario.NAMED);
        assertThat(options.probes()).isEqualTo(Probe.NAMED);
        assertThat(options.runs()).isEqualTo(3);
        assertThat(options.isKept()).isTrue();
    }

    @Test
    void onlyNamedStormsOfTheNativeExecutableAreKept() {
        assertThat(StormOptions.of(Map.of("STORM", "50x30", "RUNS", "1")).isKept())
                .isTrue();
        assertThat(StormOptions.of(Map.of("FORM", "jvm")).isKept()).isFalse();
        assertThat(StormOptions.of(Map.of("NODES", "3")).isKept()).isFalse();
    }

    @Test
    void aSizeMakesAStormOfItsOwn() {
        StormOptions options = StormOptions.of(Map.of("STORM", "300x30", "NODES", "7", "CPUS", "0.5"));

        assertThat(options.scenarios()).singleElement().satisfies(scenario -> {
            assertThat(scenario.name()).isEqualTo("own");
            assertThat(scenario.nodes()).isEqualTo(7);
            assertThat(scenario.noise()).isEqualTo(2_000);
            assertThat(scenario.limitOfCpus()).hasValue(0.5);
        });
    }

    @Test
    void measuresWhatIsNamedAlone() {
        StormOptions options = StormOptions.of(Map.of("STORM", "idle-nodes, 50x30"));

        assertThat(options.scenarios()).extracting(Scenario::name).containsExactly("50x30");
        assertThat(options.probes()).extracting(Probe::name).containsExactly("idle-nodes");
        assertThatThrownBy(() -> StormOptions.of(Map.of("STORM", "idle-nodes", "NODES", "3")))
                .hasMessageContaining("names no storm");
    }

    @Test
    void theJvmHasMoreMemoryUnlessToldOtherwise() {
        assertThat(StormOptions.of(Map.of("FORM", "jvm")).scenarios()).allMatch(scenario -> scenario.memory() == 768);
        assertThat(StormOptions.of(Map.of("FORM", "jvm", "MEMORY", "256")).scenarios())
                .allMatch(scenario -> scenario.memory() == 256);
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(() -> StormOptions.of(Map.of("STORM", "none")))
                .hasMessage(
                        "STORM is none: it is one of [50x30, 300x30, 50x30-quarter-core, single-notices, foreign-messages,"
                                + " idle-nodes]");
        assertThatThrownBy(() -> StormOptions.of(Map.of("NODES", "many"))).hasMessage("NODES is many: it is a number");
        assertThatThrownBy(() -> StormOptions.of(Map.of("FORM", "tin")))
                .hasMessage("FORM is tin: it is one of native, jvm");
        assertThatThrownBy(() -> StormOptions.of(Map.of("BUDGETS", "2"))).hasMessageContaining("a share");
    }
}
