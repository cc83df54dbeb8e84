package dev.glidepath.lab;

import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.lab.DaemonProcess.Line;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonLogTest {
    @TempDir
    private Path folder;

    private Path file;
    private DaemonLog log;

    @BeforeEach
    void empty() throws IOException {
        file = Files.createFile(folder.resolve("glidepath.log"));
        log = new DaemonLog(file);
    }

    @Test
    void tellsEachLineOnceWholeAndInOrder() throws IOException {
        assertThat(log.lines()).isEmpty();

        write(line("Größe") + line("two") + line("three").substring(0, 20));
        assertThat(log.lines()).extracting(Line::message).containsExactly("Größe", "two");

        write(line("three").substring(20));
        assertThat(log.lines()).extracting(Line::message).containsExactly("Größe", "two", "three");
        assertThat(log.lines()).hasSize(3);
    }

    @Test
    void leavesOutWhatIsNotOfTheLog() throws IOException {
        write("Picked up JAVA_TOOL_OPTIONS\n" + line("one") + "17\n" + line("two"));

        assertThat(log.lines()).extracting(Line::message).containsExactly("one", "two");
    }

    private void write(String text) throws IOException {
        Files.writeString(file, text, APPEND);
    }

    private static String line(String message) {
        return """
                {"timestamp":"2026-05-01T12:00:00Z","level":"INFO","message":"%s","fields":{}}
                """.formatted(message);
    }
}
