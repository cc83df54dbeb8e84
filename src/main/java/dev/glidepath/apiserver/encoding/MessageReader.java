package dev.glidepath.apiserver.encoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.apiserver.encoding.MessageType.Field;
import dev.glidepath.apiserver.encoding.MessageType.Value;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a message of one type as JSON would have it, and skips those fields that nobody reads. Safe for use by many threads. */
final class MessageReader {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** The tags of an entry of a map: each value that is read has a length. */
    private static final int KEY = (1 << 3) | WireReader.LENGTH_DELIMITED;

    private static final int VALUE = (2 << 3) | WireReader.LENGTH_DELIMITED;

    /** The tag of what is read of a time. */
    private static final int SECONDS = (1 << 3) | WireReader.VARINT;

    /** Most objects have few fields that are read. */
    private static final int FIELDS = 4;

    /** By number; none where it is skipped. */
    private final @Nullable FieldReader[] byNumber;

    /** How a field is encoded, and what is done with its value. */
    private record FieldReader(int wireType, Adder adder) {}

    /** Adds the value that comes next to what its message is read into. */
    @FunctionalInterface
    private interface Adder {
        void read(WireReader from, ObjectNode into) throws IOException;
    }

    /** Reads the value that comes next; nothing where JSON would not have it. */
    @FunctionalInterface
    private interface ValueReader {
        Optional<JsonNode> read(WireReader from) throws IOException;
    }

    /**
     * @param wanted the fields that are read
     * @throws IllegalArgumentException when the type has not all of them
     */
    MessageReader(MessageType type, Projection wanted) {
        wanted.names().stream().filter(name -> !type.has(name)).findFirst().ifPresent(unknown -> {
            throw new IllegalArgumentException(
                    "no number is known of the field " + unknown + ": add it to its message");
        });
        int most = type.fields().keySet().stream()
                .mapToInt(Integer::intValue)
                .max()
                .orElse(0);
        byNumber = new FieldReader[most + 1];
        type.fields().forEach((number, field) -> byNumber[number] = reader(field, wanted));
    }

    private static @Nullable FieldReader reader(Field field, Projection wanted) {
        if (field.value() instanceof Value.Inline(MessageType type)) {
            boolean isWhole = wanted.names().isEmpty();
            Projection own = isWhole ? wanted : wanted.among(type::has);
            if (!isWhole && own.names().isEmpty()) {
                return null;
            }
            MessageReader inline = new MessageReader(type, own);
            return new FieldReader(WireReader.LENGTH_DELIMITED, (from, into) -> inline.read(from.message(), into));
        }
        Optional<Projection> beneath = wanted.of(field.name());
        return beneath.isEmpty()
                ? null
                : new FieldReader(wireType(field.value()), adder(field.name(), field.value(), beneath.get()));
    }

    private static int wireType(Value value) {
        return switch (value) {
            case Value.Int _, Value.Flag _ -> WireReader.VARINT;
            case Value.ListOf(Value items) -> wireType(items);
            case Value.Text _, Value.Time _, Value.Message _, Value.Inline _, Value.MapOf _ ->
                WireReader.LENGTH_DELIMITED;
        };
    }

    private static Adder adder(String name, Value value, Projection wanted) {
        return switch (value) {
            case Value.ListOf(Value items) -> {
                ValueReader item = valueReader(items, wanted);
                yield (from, into) -> item.read(from).ifPresent(listIn(into, name)::add);
            }
            case Value.MapOf(Value values) -> {
                ValueReader entry = valueReader(values, wanted);
                yield (from, into) -> readEntry(from.message(), entry, mapIn(into, name));
            }
            default -> {
                ValueReader single = valueReader(value, wanted);
                yield (from, into) -> single.read(from).ifPresent(read -> into.set(name, read));
            }
        };
    }

    private static ValueReader valueReader(Value value, Projection wanted) {
        return switch (value) {
            case Value.Text(boolean keepsZero) ->
                from -> Optional.of(from.text())
                        .filter(text -> keepsZero || !text.isEmpty())
                        .map(NODES::textNode);
            case Value.Int(boolean keepsZero) ->
                from -> Optional.of(from.varint())
                        .filter(number -> keepsZero || number != 0)
                        .map(MessageReader::number);
            case Value.Flag(boolean keepsZero) ->
                from -> Optional.of(from.varint() != 0)
                        .filter(flag -> keepsZero || flag)
                        .map(NODES::booleanNode);
            case Value.Time() -> from -> readTime(from.message()).map(time -> NODES.textNode(time.toString()));
            case Value.Message(MessageType type) -> {
                MessageReader message = new MessageReader(type, wanted);
                yield from -> Optional.of(message.read(from.message()));
            }
            case Value.Inline _, Value.ListOf _, Value.MapOf _ ->
                throw new IllegalArgumentException("no value of its own: " + value);
        };
    }

    /** Reads a whole message. */
    ObjectNode read(WireReader from) throws IOException {
        ObjectNode object = smallObject();
        read(from, object);
        return object;
    }

    private void read(WireReader from, ObjectNode into) throws IOException {
        while (from.hasMore()) {
            int tag = from.tag();
            int number = WireReader.field(tag);
            FieldReader field = number < byNumber.length ? byNumber[number] : null;
            if (field == null) {
                from.skip(WireReader.wireType(tag));
            } else if (field.wireType() == WireReader.wireType(tag)) {
                field.adder().read(from, into);
            } else {
                throw new Encoding.Malformed("field " + number + " is not encoded as it should be");
            }
        }
    }

    /** As small as it fits, like one that is read of JSON. */
    private static JsonNode number(long number) {
        return number == (int) number ? NODES.numberNode((int) number) : NODES.numberNode(number);
    }

    /** The list of that name; put there where there is none. */
    private static ArrayNode listIn(ObjectNode object, String name) {
        return object.get(name) instanceof ArrayNode there ? there : object.putArray(name);
    }

    /** The map of that name; put there where there is none. */
    private static ObjectNode mapIn(ObjectNode object, String name) {
        if (object.get(name) instanceof ObjectNode there) {
            return there;
        }
        ObjectNode put = smallObject();
        object.set(name, put);
        return put;
    }

    private static ObjectNode smallObject() {
        return new ObjectNode(NODES, LinkedHashMap.newLinkedHashMap(FIELDS));
    }

    private static void readEntry(WireReader entry, ValueReader value, ObjectNode into) throws IOException {
        String key = "";
        JsonNode read = NODES.textNode("");
        while (entry.hasMore()) {
            int tag = entry.tag();
            if (tag == KEY) {
                key = entry.text();
            } else if (tag == VALUE) {
                read = value.read(entry).orElse(read);
            } else {
                entry.skip(WireReader.wireType(tag));
            }
        }
        into.set(key, read);
    }

    /** As JSON has it, to the second. One that is not set, or that is none, is empty. */
    private static Optional<Instant> readTime(WireReader time) throws IOException {
        boolean isSet = time.hasMore();
        long seconds = 0;
        while (time.hasMore()) {
            int tag = time.tag();
            if (tag == SECONDS) {
                seconds = time.varint();
            } else {
                time.skip(WireReader.wireType(tag));
            }
        }
        boolean isTime = seconds >= Instant.MIN.getEpochSecond() && seconds <= Instant.MAX.getEpochSecond();
        return isSet && isTime ? Optional.of(Instant.ofEpochSecond(seconds)) : Optional.empty();
    }
}
