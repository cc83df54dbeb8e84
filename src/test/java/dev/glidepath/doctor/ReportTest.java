package dev.glidepath.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.doctor.Report.Form;
import dev.glidepath.lab.TestFile;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final Finding WELL = Finding.ok("queue", "it is there");
    private static final Finding DULL = Finding.warn("dead letters", "there are some", "look");
    private static final Finding BAD = Finding.fail("rights", "one is missing", "grant \"it\"");

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Test
    void printsEachFindingAtOnceAndTheCountsAtTheEnd() {
        Report report = report(Form.TEXT);

        report.add(WELL);
        assertThat(printed()).isEqualTo("ok    queue          it is there\n");

        report.add(DULL);
        report.add(BAD);
        report.end();
        assertThat(printed()).isEqualTo("""
                ok    queue          it is there
                warn  dead letters   there are some
                                     -> look
                fail  rights         one is missing
                                     -> grant "it"
                1 ok, 1 warn, 1 fail
                """);
    }

    @Test
    void printsOneJsonDocumentAtTheEnd() throws JsonProcessingException {
        Report report = report(Form.JSON);

        report.add(WELL);
        report.add(BAD);
        assertThat(printed()).isEmpty();

        report.end();
        assertThat(new JsonMapper().readTree(printed()))
                .isEqualTo(new JsonMapper().readTree(TestFile.read("doctor/report.json")));
    }

    @Test
    void aWarningIsNoFailure() {
        Report report = report(Form.TEXT);

        report.add(DULL);
        assertThat(report.hasFailures()).isFalse();

        report.add(BAD);
        assertThat(report.hasFailures()).isTrue();
    }

    private Report report(Form form) {
        return new Report(form, new PrintStream(bytes, true, UTF_8));
    }

    private String printed() {
        return bytes.toString(UTF_8);
    }
}
