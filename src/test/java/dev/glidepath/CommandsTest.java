package dev.glidepath;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.doctor.Report.Form;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandsTest {
    private final List<String> done = new ArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private int exitOfDoctor;

    @Test
    void runsWithoutAWord() {
        assertThat(execute()).isZero();
        assertThat(execute("run")).isZero();

        assertThat(done).containsExactly("run", "run");
    }

    @ParameterizedTest
    @CsvSource({"doctor, TEXT", "doctor --output text, TEXT", "doctor --output json, JSON", "doctor -o json, JSON"})
    void examinesInTheFormAskedFor(String words, Form form) {
        assertThat(execute(words.split(" "))).isZero();

        assertThat(done).containsExactly("doctor " + form);
    }

    @Test
    void endsWithTheDoctorsExitCode() {
        exitOfDoctor = 1;

        assertThat(execute("doctor")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"dcotor", "doctor --ouput json", "doctor --output xml", "doctor --output", "run fast", "--json"})
    void refusesAWrongCallInWordsAndDoesNothing(String words) {
        assertThat(execute(words.split(" "))).isEqualTo(2);

        assertThat(done).isEmpty();
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).isNotEmpty();
    }

    @Test
    void saysWhichFormsThereAre() {
        execute("doctor", "--output", "xml");

        assertThat(err.toString()).contains("expected text or json, found \"xml\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "run --help", "doctor --help", "-h"})
    void tellsHowItIsCalled(String words) {
        assertThat(execute(words.split(" "))).isZero();

        assertThat(done).isEmpty();
        assertThat(out.toString()).startsWith("Usage: glidepath");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void tellsItsVersion() {
        assertThat(execute("--version")).isZero();

        assertThat(out.toString()).matches("glidepath \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\\R");
    }

    private int execute(String... words) {
        CommandLine line = Commands.of(
                () -> {
                    done.add("run");
                    return 0;
                },
                form -> {
                    done.add("doctor " + form);
                    return exitOfDoctor;
                });
        return line.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words);
    }
}
