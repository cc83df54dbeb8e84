package dev.glidepath.drain.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.glidepath.drain.plan.Wave.Opens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WavesTest {
    @ParameterizedTest
    @CsvSource({
        "-2147483648, ordinary",
        "0, ordinary",
        "1999999999, ordinary",
        "2000000000, cluster-critical",
        "2000000999, cluster-critical",
        "2000001000, node-critical",
        "2147483647, node-critical"
    })
    void criticalPodsHaveWavesOfTheirOwn(int priority, String wave) {
        assertThat(Waves.standard().of(priority).name()).isEqualTo(wave);
    }

    @Test
    void onlyNodeCriticalPodsWaitUntilTheOthersAreGone() {
        assertThat(Waves.standard().rows())
                .extracting(
                        row -> row.wave().rank(),
                        row -> row.wave().opens(),
                        row -> row.wave().share())
                .containsExactly(
                        tuple(0, Opens.OTHERS_ASKED, 0.0),
                        tuple(1, Opens.OTHERS_ASKED, 0.0),
                        tuple(2, Opens.OTHERS_GONE, 0.0));
    }

    @Test
    void readsTheStandardByItsName() {
        assertThat(Waves.parse("default")).contains(Waves.standard());
    }

    @Test
    void readsATableInAnyOrder() {
        Waves waves =
                Waves.parse("2000000000:25%, 0:60% ,-10:5%,\t2000001000:10%").orElseThrow();

        assertThat(waves.rows())
                .extracting(
                        Waves.Row::leastPriority,
                        row -> row.wave().rank(),
                        row -> row.wave().share())
                .containsExactly(
                        tuple(-10, 0, 0.05),
                        tuple(0, 1, 0.6),
                        tuple(2_000_000_000, 2, 0.25),
                        tuple(2_000_001_000, 3, 0.1));
        assertThat(waves.rows())
                .extracting(Waves.Row::wave)
                .allSatisfy(wave -> assertThat(wave.opens()).isEqualTo(Opens.OTHERS_GONE_OR_SHARE_SPENT));
        assertThat(waves.of(-10).name()).isEqualTo("priority -10");
    }

    @Test
    void theFirstRowTakesWhatIsBelowIt() {
        Waves waves = Waves.parse("1000:50%,100:50%").orElseThrow();

        assertThat(waves.of(Integer.MIN_VALUE).rank()).isZero();
        assertThat(waves.of(100).rank()).isZero();
        assertThat(waves.of(999).rank()).isZero();
        assertThat(waves.of(1_000).rank()).isEqualTo(1);
        assertThat(waves.of(Integer.MAX_VALUE).rank()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0:100%", "0:50%,1:50%", "0:0%", "-2147483648:1%,2147483647:1%"})
    void acceptsSharesUpToTheWholeAndEveryPriority(String text) {
        assertThat(Waves.parse(text)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "Default",
                "default,0:10%",
                "0",
                "0:60",
                ":60%",
                "0:%",
                "0:-1%",
                "0:1.5%",
                "x:60%",
                "0:60%,",
                ",0:60%",
                "0:60%;1:40%",
                "0 :60%",
                "0:101%",
                "0:60%,1:41%",
                "0:60%,0:40%",
                "0:60%,-0:40%",
                "2147483648:10%",
                "-2147483649:10%",
                "99999999999:10%"
            })
    void refusesWhatIsNoTable(String text) {
        assertThat(Waves.parse(text)).isEmpty();
    }
}
