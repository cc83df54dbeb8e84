package dev.glidepath.points;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigestTest {
    @TempDir
    private Path folder;

    @Test
    void sameFilesAreTheSameProgramAndOthersAreAnother() throws IOException {
        Path program = Files.writeString(folder.resolve("program"), "one");
        String one = Digest.of(program);
        assertThat(Digest.of(program)).isEqualTo(one);
        assertThat(Digest.of(folder)).isEqualTo(one);

        Files.writeString(program, "other");

        assertThat(Digest.of(program)).isNotEqualTo(one);
    }
}
