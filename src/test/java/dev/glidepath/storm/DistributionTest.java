package dev.glidepath.storm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class DistributionTest {
    @Test
    void percentilesAreOfValuesThatWereMeasured() {
        Distribution distribution = Distribution.of(List.of(3.0, 1.0, 2.0));

        assertThat(distribution.percentile(0)).isEqualTo(1);
        assertThat(distribution.percentile(50)).isEqualTo(2);
        assertThat(distribution.percentile(99)).isEqualTo(3);
        assertThat(distribution.max()).isEqualTo(3);
        assertThat(distribution.count()).isEqualTo(3);
    }

    @Test
    void theNinetyNinthLeavesOutOneOfAHundred() {
        Distribution distribution = Distribution.of(
                DoubleStream.iterate(1, value -> value + 1).limit(100).boxed().toList());

        assertThat(distribution.percentile(99)).isEqualTo(99);
        assertThat(distribution.max()).isEqualTo(100);
    }

    @Test
    void hasNoPercentilesWithoutValues() {
        assertThat(Distribution.of(List.of()).max()).isNaN();
    }
}
