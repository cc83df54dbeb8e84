package dev.glidepath.docs;

import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LogEventsDocsTest {
    @Test
    void pageTellsEveryEventAndEveryField() {
        Javadoc events = Javadoc.of(LogEvent.class);
        Javadoc fields = Javadoc.of(Field.class);
        new ReferencePage("log-events.md", "Log events", "Every event Glidepath logs, and the fields its lines carry.")
                .paragraph(
                        "The names are public: alerts and queries may be built on them. In the JSON format the fields stand"
                                + " under `fields`, the event's name among them.")
                .section("Events")
                .table(
                        List.of("event", "level", "description"),
                        Stream.of(LogEvent.values())
                                .map(event -> List.of(
                                        "`" + event.label() + "`", event.level().name(), events.of(event.name())))
                                .toList())
                .section("Fields")
                .table(
                        List.of("field", "description"),
                        Stream.of(Field.values())
                                .map(field -> List.of("`" + field.key() + "`", fields.of(field.name())))
                                .toList())
                .check();
    }
}
