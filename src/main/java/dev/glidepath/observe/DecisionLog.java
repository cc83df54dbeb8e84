package dev.glidepath.observe;

import java.util.EnumMap;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/** Writes one structured line a decision: the text says what, the fields say who and how much. */
public final class DecisionLog {
    private static final Logger LOG = Logger.getLogger("dev.glidepath.decisions");

    /** What a line is about, such as one departure: its fields go with every line. */
    private final Map<Field, String> about;

    /** What each text begins with. */
    private final String before;

    /** A log about nothing in particular. */
    public DecisionLog() {
        this(Map.of(), "");
    }

    /** A log of what would be done: each of its texts says so. */
    public static DecisionLog ofDryRun() {
        return new DecisionLog(Map.of(), "dry run: ");
    }

    private DecisionLog(Map<Field, String> about, String before) {
        this.about = about;
        this.before = before;
    }

    /** The same log with these fields on every line. */
    public DecisionLog about(Map<Field, ?> more) {
        return new DecisionLog(with(more), before);
    }

    /** Tells something. Fields must be free of message bodies, tokens and receipt handles. */
    public void tell(LogEvent event, String text, Map<Field, ?> fields) {
        if (LOG.isEnabled(event.level())) {
            withFields(event, fields, () -> LOG.log(event.level(), before + text));
        }
    }

    /** Tells of something unforeseen, with its stack trace. */
    public void tell(LogEvent event, String text, Throwable unforeseen) {
        withFields(event, Map.of(), () -> LOG.log(event.level(), before + text, unforeseen));
    }

    private void withFields(LogEvent event, Map<Field, ?> fields, Runnable write) {
        Map<Field, String> all = with(fields);
        all.put(Field.EVENT, event.label());
        all.forEach((field, value) -> MDC.put(field.key(), value));
        try {
            write.run();
        } finally {
            all.keySet().forEach(field -> MDC.remove(field.key()));
        }
    }

    private Map<Field, String> with(Map<Field, ?> more) {
        Map<Field, String> all = new EnumMap<>(Field.class);
        all.putAll(about);
        more.forEach((field, value) -> all.put(field, value.toString()));
        return all;
    }
}
