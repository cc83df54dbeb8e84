package dev.glidepath.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceIdTest {
    @ParameterizedTest
    @ValueSource(strings = {"i-0a1b2c3d", "i-0a1b2c3d4e5f60001"})
    void hasEightOrSeventeenDigits(String text) {
        assertThat(InstanceId.isValid(text)).isTrue();
        assertThat(new InstanceId(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "i-",
                "i-0a1b2c3",
                "i-0a1b2c3d4",
                "i-0a1b2c3d4e5f600011",
                "i-0A1B2C3D",
                "i-0a1b2c3g",
                "I-0a1b2c3d",
                " i-0a1b2c3d",
                "i-0a1b2c3d\n",
                "i-0a1b2c3d,i-0a1b2c3d",
                "mi-0a1b2c3d4e5f60001",
                "i-٠٠٠٠٠٠٠٠"
            })
    void isNothingElse(String text) {
        assertThat(InstanceId.isValid(text)).isFalse();
    }

    @Test
    void cannotBeMadeOfAnythingElse() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new InstanceId("ip-10-0-1-7"))
                .withMessage("not an EC2 instance id: ip-10-0-1-7");
    }
}
