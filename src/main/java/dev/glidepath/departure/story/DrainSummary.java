package dev.glidepath.departure.story;

import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.observe.Field;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a drain has come to: as fields, and in words. */
final class DrainSummary {
    private DrainSummary() {}

    /** @param start empty where another replica has begun the departure, and this one has not taken it over */
    static Map<Field, Object> fields(Ending ending, DrainReport report, Optional<Instant> start, Instant now) {
        Map<Field, Object> fields = new EnumMap<>(Field.class);
        fields.put(Field.OUTCOME, ending.reason());
        fields.put(Field.EVICTED, report.count(DrainReport.Result.EVICTED));
        fields.put(Field.FORCED, report.count(DrainReport.Result.FORCED));
        fields.put(Field.BY_ITSELF, report.count(DrainReport.Result.BY_ITSELF));
        fields.put(Field.SHORTENED, report.shortened());
        fields.put(Field.LEFT, report.stillThere());
        fields.put(Field.STAY, report.stay());
        start.ifPresent(began -> fields.put(Field.ELAPSED, Duration.between(began, now)));
        if (!report.blockedBy().isEmpty()) {
            fields.put(Field.BUDGET, listed(report.blockedBy()));
        }
        if (report.sinceTakeOver()) {
            fields.put(Field.BEFORE_TAKE_OVER, "unknown");
        }
        return fields;
    }

    static String inWords(DrainReport report) {
        return "%d evicted, %d deleted, %d went by themselves, %d left"
                .formatted(
                        report.count(DrainReport.Result.EVICTED),
                        report.count(DrainReport.Result.FORCED),
                        report.count(DrainReport.Result.BY_ITSELF),
                        report.stillThere());
    }

    /** The fields of one pod. */
    static Map<Field, Object> fields(DrainReport.OfPod pod) {
        Map<Field, Object> fields = new EnumMap<>(
                Map.of(Field.POD, pod.pod(), Field.FATE, pod.result().label(), Field.GRACE_WANTED, pod.wanted()));
        pod.given().ifPresent(given -> fields.put(Field.GRACE_GIVEN, given));
        if (pod.note() != DrainReport.Note.NONE) {
            fields.put(Field.REMARK, pod.note().label());
        }
        fields.putAll(blocked(pod.blockedBy(), pod.blockedFor()));
        return fields;
    }

    /** For how long budgets held something back, and which; nothing where none did. */
    static Map<Field, Object> blocked(Collection<String> budgets, Duration blockedFor) {
        return budgets.isEmpty() ? Map.of() : Map.of(Field.BUDGET, listed(budgets), Field.BLOCKED_FOR, blockedFor);
    }

    private static String listed(Collection<String> budgets) {
        return budgets.stream().sorted().collect(Collectors.joining(","));
    }
}
