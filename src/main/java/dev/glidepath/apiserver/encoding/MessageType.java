package dev.glidepath.apiserver.encoding;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A message of the Kubernetes API, as far as anybody here reads it: the numbers of its fields in Protobuf, and their names in JSON. What is
 * not named is skipped.
 *
 * <p>Numbers never change once a version of the API is stable. Protobuf writes most fields whether or not they are zero, where JSON leaves
 * them out; of those that JSON has though they are zero it is said here that they keep it.
 *
 * @see <a href="https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding">Protobuf encoding</a>
 */
final class MessageType {
    /** One of which it is only read whether it is there. */
    static final MessageType PRESENCE = new MessageType();

    private final Map<Integer, Field> byNumber = new HashMap<>();

    /** What a field's value is. */
    sealed interface Value {
        record Text(boolean keepsZero) implements Value {}

        record Int(boolean keepsZero) implements Value {}

        record Flag(boolean keepsZero) implements Value {}

        record Time() implements Value {}

        record Message(MessageType type) implements Value {}

        /** Its fields are the enclosing message's own in JSON. */
        record Inline(MessageType type) implements Value {}

        record ListOf(Value items) implements Value {}

        record MapOf(Value values) implements Value {}
    }

    /** A field's name in JSON and what its value is. */
    record Field(String name, Value value) {}

    MessageType with(int number, String name, Value value) {
        byNumber.put(number, new Field(name, value));
        return this;
    }

    MessageType text(int number, String name) {
        return with(number, name, new Value.Text(false));
    }

    MessageType number(int number, String name) {
        return with(number, name, new Value.Int(false));
    }

    MessageType numberAndZero(int number, String name) {
        return with(number, name, new Value.Int(true));
    }

    MessageType flag(int number, String name) {
        return with(number, name, new Value.Flag(false));
    }

    MessageType time(int number, String name) {
        return with(number, name, new Value.Time());
    }

    MessageType message(int number, String name, MessageType type) {
        return with(number, name, new Value.Message(type));
    }

    MessageType messages(int number, String name, MessageType type) {
        return with(number, name, new Value.ListOf(new Value.Message(type)));
    }

    MessageType texts(int number, String name) {
        return with(number, name, new Value.ListOf(new Value.Text(true))); // one of a list is kept though it is empty
    }

    MessageType textsByName(int number, String name) {
        return with(number, name, new Value.MapOf(new Value.Text(true)));
    }

    /** All of them. */
    Map<Integer, Field> fields() {
        return Map.copyOf(byNumber);
    }

    /** Whether a field has this name, be it of a message that is written inline. */
    boolean has(String name) {
        return byNumber.values().stream()
                .anyMatch(field -> field.value() instanceof Value.Inline(MessageType inline)
                        ? inline.has(name)
                        : field.name().equals(name));
    }

    /**
     * The objects at that path of the API, where it is worth while: of the others there are few.
     *
     * @param path as {@code /api/v1/pods}
     */
    static Optional<MessageType> at(String path) {
        return switch (path) {
            case "/api/v1/pods" -> Optional.of(KubernetesMessages.POD);
            case "/api/v1/nodes" -> Optional.of(KubernetesMessages.NODE);
            case "/apis/policy/v1/poddisruptionbudgets" -> Optional.of(KubernetesMessages.POD_DISRUPTION_BUDGET);
            default -> Optional.empty();
        };
    }
}
