package dev.glidepath.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.lab.DaemonProcess.Line;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a program logs to a file: each line is read once, however often all are asked for. */
final class DaemonLog {
    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;
    private final List<Line> lines = new ArrayList<>();
    /** What is before it has been read; it is the beginning of a line. */
    private long position;

    DaemonLog(Path file) {
        this.file = file;
    }

    /** Those in JSON that are whole. */
    synchronized List<Line> lines() {
        byte[] news = news();
        int whole = endOfLastLine(news);
        new String(news, 0, whole, UTF_8)
                .lines()
                .flatMap(text -> parse(text).stream())
                .forEach(lines::add);
        position += whole;
        return List.copyOf(lines);
    }

    private byte[] news() {
        try (FileChannel channel = FileChannel.open(file);
                InputStream rest = Channels.newInputStream(channel.position(position))) {
            return rest.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static int endOfLastLine(byte[] text) {
        int end = text.length;
        while (end > 0 && text[end - 1] != '\n') {
            end--;
        }
        return end;
    }

    /** Empty for a word of the JVM's own. */
    private static Optional<Line> parse(String text) {
        try {
            JsonNode line = JSON.readTree(text);
            return Optional.of(line)
                    .filter(JsonNode::isObject)
                    .map(_ -> new Line(
                            Instant.parse(line.path("timestamp").asText()),
                            line.path("level").asText(),
                            line.path("message").asText(),
                            line.path("fields")));
        } catch (JsonProcessingException notALineOfTheLog) {
            return Optional.empty();
        }
    }
}
