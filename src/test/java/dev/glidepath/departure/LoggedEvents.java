package dev.glidepath.departure;

import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.jboss.logging.MDC;

/** The decision log while this is open: the event of each line, with its fields. */
public final class LoggedEvents implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger("dev.glidepath.decisions");

    private final List<Map<String, String>> lines = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            lines.add(MDC.getMap().entrySet().stream()
                    .collect(Collectors.toUnmodifiableMap(
                            Map.Entry::getKey, entry -> entry.getValue().toString())));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    public LoggedEvents() {
        LOGGER.addHandler(handler);
    }

    /** How often this was logged. */
    public long count(LogEvent event) {
        return lines.stream().filter(line -> isOf(event, line)).count();
    }

    /** What this field said of this event, each time. */
    public List<String> values(LogEvent event, Field field) {
        return lines.stream()
                .filter(line -> isOf(event, line))
                .map(line -> line.getOrDefault(field.key(), ""))
                .toList();
    }

    private static boolean isOf(LogEvent event, Map<String, String> line) {
        return event.label().equals(line.get(Field.EVENT.key()));
    }

    @Override
    public void close() {
        LOGGER.removeHandler(handler);
    }
}
