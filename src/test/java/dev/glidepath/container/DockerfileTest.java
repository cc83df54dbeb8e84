package dev.glidepath.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DockerfileTest {
    private static final String OCI = "org.opencontainers.image.";

    @ParameterizedTest
    @ValueSource(strings = {"Dockerfile.native", "Dockerfile.jvm"})
    void isPinnedRunsAsNobodyAndSaysWhatItIs(String name) {
        Dockerfile dockerfile = Dockerfile.named(name);

        assertThat(dockerfile.base()).matches("[a-z0-9./-]+:[A-Za-z0-9.-]+@sha256:[0-9a-f]{64}");
        assertThat(dockerfile.user()).isEqualTo("65532:65532");
        assertThat(dockerfile.port()).isEqualTo(8080);
        assertThat(dockerfile.labels(Map.of("VERSION", "1.2.3", "REVISION", "abc")))
                .containsEntry(OCI + "title", "Glidepath")
                .containsEntry(OCI + "licenses", "Apache-2.0")
                .containsEntry(OCI + "version", "1.2.3")
                .containsEntry(OCI + "revision", "abc")
                .containsKey(OCI + "description");
    }

    @Test
    void bothSayTheSameOfThemselves() {
        assertThat(Dockerfile.named("Dockerfile.jvm").labels())
                .isEqualTo(Dockerfile.named("Dockerfile.native").labels());
    }
}
