package dev.glidepath.departure.story;

import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One thing that a departure reports. */
public sealed interface Entry {
    /** What is counted for it, in this order. */
    List<Count> counts();

    /**
     * Something that an operator is to know.
     *
     * @param text in words; a later version may change them
     * @param fields who and how much, those of the departure among them
     * @param clusterEvent what a node or a pod shows of it, if anything; its reason is the log event's
     */
    record Reported(
            LogEvent event,
            String text,
            Map<Field, Object> fields,
            List<Count> counts,
            Optional<ClusterEvent> clusterEvent)
            implements Entry {
        public Reported {
            Map<Field, Object> inOrder = new EnumMap<>(Field.class);
            inOrder.putAll(fields);
            fields = Collections.unmodifiableMap(inOrder);
            counts = List.copyOf(counts);
        }

        /** The same, counted by this as well. */
        Reported counting(Metric metric, String... labels) {
            List<Count> more = new ArrayList<>(counts);
            more.add(Count.of(metric, labels));
            return new Reported(event, text, fields, more, clusterEvent);
        }

        /** The same, shown by what the event is about. */
        Reported shownBy(ClusterEvent shown) {
            return new Reported(event, text, fields, counts, Optional.of(shown));
        }
    }

    /** Something that is counted, and no more. */
    record Counted(Count count) implements Entry {
        @Override
        public List<Count> counts() {
            return List.of(count);
        }
    }
}
