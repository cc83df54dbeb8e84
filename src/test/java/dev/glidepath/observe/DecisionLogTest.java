package dev.glidepath.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.jboss.logging.MDC;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DecisionLogTest {
    private static final PatternFormatter TEXT = new PatternFormatter("%s");
    private static final Logger LOGGER = Logger.getLogger("dev.glidepath.decisions");

    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord told) {
            ExtLogRecord line = ExtLogRecord.wrap(told);
            lines.add(new Line(line.getLevel().getName(), TEXT.format(line), line.getMdcCopy()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private final DecisionLog log = new DecisionLog();

    /** What a line holds at the moment it is written. */
    private record Line(String level, String text, Map<String, String> fields) {}

    @BeforeEach
    void listen() {
        LOGGER.addHandler(handler);
        LOGGER.setLevel(Level.INFO);
    }

    @AfterEach
    void listenNoMore() {
        LOGGER.removeHandler(handler);
        LOGGER.setLevel(null);
    }

    @Test
    void fieldsAreOnTheLineAndGoneAfterwards() {
        log.tell(LogEvent.NODE_CORDONED, "cordoned", Map.of(Field.NODE, "ip-10-0-1-7", Field.PODS, 3));

        assertThat(lines)
                .containsExactly(new Line(
                        "INFO", "cordoned", Map.of("event", "node.cordoned", "node", "ip-10-0-1-7", "pods", "3")));
        assertThat(MDC.getMap()).isNullOrEmpty();
    }

    @Test
    void whatALogIsAboutIsOnEachOfItsLines() {
        DecisionLog about = log.about(Map.of(Field.NODE, "ip-10-0-1-7")).about(Map.of(Field.KIND, "spot-interruption"));

        about.tell(LogEvent.NODE_CORDONED, "cordoned", Map.of());
        about.tell(LogEvent.DRAIN_FINISHED, "drained", Map.of(Field.KIND, "told anew"));
        log.tell(LogEvent.GLIDEPATH_STOPPING, "stopping", Map.of());

        assertThat(lines)
                .extracting(Line::fields)
                .containsExactly(
                        Map.of("event", "node.cordoned", "node", "ip-10-0-1-7", "kind", "spot-interruption"),
                        Map.of("event", "drain.finished", "node", "ip-10-0-1-7", "kind", "told anew"),
                        Map.of("event", "glidepath.stopping"));
    }

    @Test
    void tellsAtTheLevelOfTheEvent() {
        log.tell(LogEvent.ACT_DENIED, "denied", Map.of());
        log.tell(LogEvent.CONFIG_UNKNOWN, "unknown", Map.of());

        assertThat(lines).extracting(Line::level).containsExactly("ERROR", "WARN");
    }

    @Test
    void isSilentBelowTheLevelThatIsSet() {
        log.tell(LogEvent.POD_STAYS, "stays", Map.of(Field.POD, "shop/agent"));

        assertThat(lines).isEmpty();
        assertThat(MDC.getMap()).isNullOrEmpty();
    }

    @Test
    void textIsTakenAsItIs() {
        log.tell(LogEvent.ACT_FAILED, "100% of {0} and %s", Map.of());

        assertThat(lines).extracting(Line::text).containsExactly("100% of {0} and %s");
    }

    @Test
    void unforeseenComesWithItsFieldsAndLeavesNone() {
        log.about(Map.of(Field.INSTANCE, "i-0a1b2c3d"))
                .tell(LogEvent.DEPARTURE_FAILED, "a bug", new IllegalStateException("on purpose"));

        assertThat(lines)
                .containsExactly(
                        new Line("ERROR", "a bug", Map.of("event", "departure.failed", "instance", "i-0a1b2c3d")));
        assertThat(MDC.getMap()).isNullOrEmpty();
    }

    @Test
    void namesArePublicAndEachIsThereOnce() {
        assertThat(LogEvent.values())
                .extracting(LogEvent::label)
                .doesNotHaveDuplicates()
                .allMatch(label -> label.matches("[a-z]+(\\.[a-z]+)+"));
        assertThat(Field.values())
                .extracting(Field::key)
                .doesNotHaveDuplicates()
                .contains("event", "blockedFor")
                .allMatch(key -> key.matches("[a-z]+([A-Z][a-z]+)*"));
    }
}
