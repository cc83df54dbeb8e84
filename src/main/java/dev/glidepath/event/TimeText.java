package dev.glidepath.event;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A time in one of its usual spellings: ISO 8601, as in events of EventBridge, with a blank for the {@code T}, or an offset without
 * its colon; RFC 1123, as AWS Health has it; seconds or milliseconds since 1970. Without an offset it is UTC, as AWS speaks.
 *
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html">EventBridge events</a>
 * @see <a href="https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html">AWS Health events</a>
 */
final class TimeText {
    private static final Pattern ISO = Pattern.compile(
            "(\\d{4}-\\d{2}-\\d{2})[Tt ](\\d{2}:\\d{2}(?::\\d{2}(?:[.,]\\d{1,9})?)?) ?(Z|z|UTC|GMT|[+-]\\d{2}(?::?\\d{2})?)?");

    private static final Pattern COUNTED = Pattern.compile("\\d{9,13}(?:\\.\\d{1,9})?");

    private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");

    /** As seconds this is in 1973 and that in 5138; as milliseconds that is in 1973. */
    private static final double LEAST_SECONDS = 1e8;

    private static final double LEAST_MILLIS = 1e11;
    private static final double MOST_MILLIS = 1e14;

    private TimeText() {}

    /** The time that a text or a number says; empty where it says none, or one with which reckonings overflow. */
    static Optional<Instant> read(JsonNode said) {
        if (said.isNumber()) {
            return counted(said.doubleValue());
        }
        String text = said.asText("").strip();
        if (COUNTED.matcher(text).matches()) {
            return counted(Double.parseDouble(text));
        }
        Matcher iso = ISO.matcher(text);
        return (iso.matches() ? iso8601(iso) : rfc1123(text)).filter(TimeText::isPlausible);
    }

    private static Optional<Instant> iso8601(Matcher iso) {
        String zone = Optional.ofNullable(iso.group(3)).orElse("Z");
        String offset = Character.isLetter(zone.charAt(0)) ? "Z" : withColon(zone);
        try {
            return Optional.of(
                    OffsetDateTime.parse(iso.group(1) + "T" + iso.group(2).replace(',', '.') + offset)
                            .toInstant());
        } catch (DateTimeException notATime) {
            return Optional.empty();
        }
    }

    private static String withColon(String offset) {
        return switch (offset.length()) {
            case 3 -> offset + ":00";
            case 5 -> offset.substring(0, 3) + ":" + offset.substring(3);
            default -> offset;
        };
    }

    /** Without its day of the week, which adds nothing, and which AWS's own samples have wrong. */
    private static Optional<Instant> rfc1123(String text) {
        String date = text.substring(text.indexOf(',') + 1).strip().toUpperCase(Locale.ROOT);
        try {
            return Optional.of(DateTimeFormatter.RFC_1123_DATE_TIME.parse(
                    date.endsWith(" UTC") ? date.replace(" UTC", " GMT") : date, Instant::from));
        } catch (DateTimeException notATime) {
            return Optional.empty();
        }
    }

    private static Optional<Instant> counted(double number) {
        if (number >= LEAST_SECONDS && number < LEAST_MILLIS) {
            return Optional.of(Instant.ofEpochMilli(Math.round(number * 1000))).filter(TimeText::isPlausible);
        }
        return number >= LEAST_MILLIS && number < MOST_MILLIS
                ? Optional.of(Instant.ofEpochMilli(Math.round(number))).filter(TimeText::isPlausible)
                : Optional.empty();
    }

    /** Whether AWS could mean it: a time so far away that a reckoning with it overflows is none. */
    private static boolean isPlausible(Instant time) {
        return !time.isBefore(Instant.EPOCH) && time.isBefore(LATEST);
    }
}
