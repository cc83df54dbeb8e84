package dev.glidepath.lab;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;

/** What one class logs while this is open, in the order it does. */
public final class LogLines implements AutoCloseable {
    private static final PatternFormatter LEVEL_AND_TEXT = new PatternFormatter("%p %s");

    private final List<LogRecord> records = new CopyOnWriteArrayList<>();
    private final Logger logger;
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            records.add(line);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    public LogLines(Class<?> of) {
        this(of.getName());
    }

    /** @param category what the logger is called */
    public LogLines(String category) {
        logger = Logger.getLogger(category);
        logger.addHandler(handler);
    }

    /** Level and text of each line at this level or above. */
    public List<String> atLeast(Level level) {
        return records.stream()
                .filter(line -> line.getLevel().intValue() >= level.intValue())
                .map(LEVEL_AND_TEXT::format)
                .toList();
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
    }
}
