package dev.glidepath.event;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LifecycleTokenTest {
    private static final LifecycleToken TOKEN = new LifecycleToken("87654321-4321-4321-4321-210987654310");

    /** As {@code printf %s TOKEN | sha256sum} gives it. */
    @Test
    void isKnownByItsSha256() {
        assertThat(TOKEN.hash()).isEqualTo("47a01f38b2d1e9378c7325a006bafd8f8c6bb52841e5039230c6b77509a6d172");
        assertThat(LifecycleAction.of("workers", "drain", TOKEN, new InstanceId("i-0a1b2c3d4e5f60001"))
                        .tokenHash())
                .isEqualTo(TOKEN.hash());
    }

    @Test
    void isNotInItsOwnWords() {
        assertThat(TOKEN).hasToString("(token)");
    }
}
