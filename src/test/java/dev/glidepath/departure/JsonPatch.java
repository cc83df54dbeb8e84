package dev.glidepath.departure;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * The operations of RFC 6902 that are sent to nodes, with the API server's reading of a test for null: it holds where there is nothing.
 */
final class JsonPatch {
    private JsonPatch() {}

    /** The object as the patch makes it; empty where one of its tests does not hold. */
    static Optional<ObjectNode> apply(JsonNode operations, ObjectNode to) {
        ObjectNode patched = to.deepCopy();
        for (JsonNode operation : operations) {
            if (!isApplied(operation, patched)) {
                return Optional.empty();
            }
        }
        return Optional.of(patched);
    }

    private static boolean isApplied(JsonNode operation, ObjectNode root) {
        JsonPointer path = JsonPointer.compile(operation.path("path").asText());
        JsonNode value = operation.path("value");
        return switch (operation.path("op").asText()) {
            case "test" -> isThere(root.at(path), value);
            case "add" -> isAdded(root.at(path.head()), path.last().getMatchingProperty(), value);
            case "remove" -> isRemoved(root.at(path.head()), path.last());
            default -> throw new IllegalArgumentException("no operation of ours: " + operation);
        };
    }

    private static boolean isThere(JsonNode found, JsonNode value) {
        return value.isNull() ? found.isMissingNode() || found.isNull() : found.equals(value);
    }

    private static boolean isAdded(JsonNode parent, String name, JsonNode value) {
        return switch (parent) {
            case ObjectNode object -> {
                object.set(name, value);
                yield true;
            }
            case ArrayNode list
            when name.equals("-") -> {
                list.add(value);
                yield true;
            }
            default -> false;
        };
    }

    private static boolean isRemoved(JsonNode parent, JsonPointer last) {
        return switch (parent) {
            case ObjectNode object -> object.remove(last.getMatchingProperty()) != null;
            case ArrayNode list -> list.remove(last.getMatchingIndex()) != null;
            default -> false;
        };
    }
}
