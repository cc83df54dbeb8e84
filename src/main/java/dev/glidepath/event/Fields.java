package dev.glidepath.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The fields of a JSON object. Whatever is read is checked on the way: it ends up in logs, on nodes and in reckonings with
 * times, where a kilobyte, a NUL or the year 900,000 would do harm. A field nobody asks for may be anything.
 */
record Fields(JsonNode json, Notes notes) {
    /** Bounds nesting, numbers and names by Jackson's own constraints; SQS bounds the body. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /**
     * No control characters, no half of a surrogate pair, no line separator; as long as the longest name there is, a Health
     * event's ARN.
     *
     * @see <a href="https://docs.aws.amazon.com/health/latest/APIReference/API_Event.html">Event</a>
     */
    private static final Predicate<String> PLAIN =
            Pattern.compile("[^\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]{1,1600}").asMatchPredicate();

    /** Not {@code #}, which separates the parts of an {@link InterruptionId}. */
    private static final Predicate<String> IDENTIFYING =
            Pattern.compile("[!-~&&[^#]]{1,1600}").asMatchPredicate();

    /** @throws Malformed when the text is not JSON */
    static Fields parse(String text, Notes notes) throws Malformed {
        try {
            return new Fields(JSON.readTree(text), notes);
        } catch (JsonProcessingException notJson) {
            throw new Malformed("not JSON");
        }
    }

    boolean has(String field) {
        return json.has(field);
    }

    /** The fields of the object in this field; none where it is something else. */
    Fields in(String field) {
        return new Fields(json.path(field), notes);
    }

    /** The text in this field, or an empty one. For comparing only: it is not checked. */
    String word(String field) {
        return json.path(field).asText("");
    }

    /** The text in this field, whatever it is: a whole body, for one. */
    String present(String field) throws Malformed {
        JsonNode value = json.path(field);
        if (!value.isTextual() || value.textValue().isEmpty()) {
            throw new Malformed(field + " is missing");
        }
        return value.textValue();
    }

    /** The text in this field. */
    String text(String field) throws Malformed {
        String text = present(field);
        if (!PLAIN.test(text)) {
            throw new Malformed(field + " is not plain text");
        }
        return text;
    }

    /** What identifies something, in this field. */
    String id(String field) throws Malformed {
        String id = present(field);
        if (!IDENTIFYING.test(id)) {
            throw new Malformed(field + " is not an id");
        }
        return id;
    }

    /** What identifies something, if this field does. */
    Optional<String> idIfAny(String field) {
        return Optional.of(word(field)).filter(IDENTIFYING);
    }

    InstanceId instance(String field) throws Malformed {
        String id = present(field);
        if (!InstanceId.isValid(id)) {
            throw new Malformed(field + " is not an instance id");
        }
        return new InstanceId(id);
    }

    /** The time in this field; where none can be read, when the message was sent, and a note. */
    Instant time(String field) {
        return timeOrNote(field, "the message counts as of when it came into the queue")
                .orElseGet(notes::sentAt);
    }

    /**
     * The time in this field. Where none can be read, that is noted.
     *
     * @param otherwise what is taken then
     */
    Optional<Instant> timeOrNote(String field, String otherwise) {
        Optional<Instant> time = TimeText.read(json.path(field));
        if (time.isEmpty()) {
            notes.add(field + (isSaid(field) ? " is not a time: " : " is missing: ") + otherwise);
        }
        return time;
    }

    /** The same where the field may be missing without a note. */
    Optional<Instant> timeIfAny(String field, String otherwise) {
        return isSaid(field) ? timeOrNote(field, otherwise) : Optional.empty();
    }

    private boolean isSaid(String field) {
        JsonNode value = json.path(field);
        return !value.isMissingNode()
                && !value.isNull()
                && !(value.isTextual() && value.textValue().isEmpty());
    }

    /** The objects in the list in this field. */
    Stream<Fields> objects(String field) {
        return StreamSupport.stream(json.path(field).spliterator(), false).map(each -> new Fields(each, notes));
    }

    /**
     * The ends of the event's {@code resources}, which are ARNs or ids; documented as a list, for some events as a single text.
     *
     * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitor-interruptible-cr.html">One of them</a>
     */
    List<String> resources() {
        JsonNode resources = json.path("resources");
        Stream<JsonNode> all =
                resources.isTextual() ? Stream.of(resources) : StreamSupport.stream(resources.spliterator(), false);
        return all.map(JsonNode::asText).map(Fields::lastPart).toList();
    }

    /** An ARN's id, or the id itself. */
    static String lastPart(String arn) {
        return arn.substring(arn.lastIndexOf('/') + 1);
    }
}
