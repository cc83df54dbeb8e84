package dev.glidepath.points;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A file with one line for each run, so that one who begins again goes on where it was. Those of another program are left in it and do not count. May be
 * called from any thread.
 */
final class KeptRuns {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path file;
    private final String program;

    /** What came of a run. */
    enum Verdict {
        RIGHT,
        WRONG,
        /** The request did not come, or there was nothing that could be disturbed at it. */
        NOTHING_TO_DISTURB
    }

    /**
     * One run.
     *
     * @param program by which the program is known that was run
     * @param wrong what is wrong, in words; empty where nothing is
     */
    record Run(
            String program,
            RecordedDeparture departure,
            String point,
            Disturbance disturbance,
            Verdict verdict,
            String wrong) {
        boolean isOf(RecordedDeparture otherDeparture, Point otherPoint, Disturbance otherDisturbance) {
            return departure == otherDeparture
                    && point.equals(otherPoint.toString())
                    && disturbance == otherDisturbance;
        }

        @Override
        public String toString() {
            return "%s, %s at %s: %s"
                    .formatted(departure, disturbance, point, verdict == Verdict.WRONG ? wrong : verdict);
        }
    }

    /** @param program by which the program is known that is run now */
    KeptRuns(Path file, String program) {
        this.file = file;
        this.program = program;
    }

    /** Those of this program. */
    synchronized List<Run> all() {
        return lines().flatMap(line -> read(line).stream())
                .filter(run -> run.program().equals(program))
                .toList();
    }

    /** Keeps what came of a run. */
    synchronized Run keep(
            RecordedDeparture departure, Point point, Disturbance disturbance, Verdict verdict, String wrong) {
        Run run = new Run(program, departure, point.toString(), disturbance, verdict, wrong);
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(
                    file, JSON.writeValueAsString(run) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + file, e);
        }
        return run;
    }

    private Stream<String> lines() {
        try {
            return Files.exists(file) ? Files.readAllLines(file).stream() : Stream.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** Empty for a line that was half written when the JVM was killed, and for one of an earlier form. */
    private static Optional<Run> read(String line) {
        try {
            return Optional.of(JSON.readValue(line, Run.class));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }
}
