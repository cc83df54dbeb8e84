package dev.glidepath.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Fields and words of a journal that this build does not know. They survive a rewrite.
 *
 * @param json an object that has them under the names of the journal's fields; empty where there are none
 * @param causes how many causes are among them: what is not known to us may be due all the same
 */
public record UnknownParts(String json, int causes) {
    /** Of a journal that we know in full. */
    public static final UnknownParts NONE = new UnknownParts("", 0);

    /** The name for fields of the journal itself. */
    static final String FIELDS = "fields";

    /** The name for causes of a kind or an effect that we do not know. */
    static final String OTHER_CAUSES = "otherCauses";

    /** The name for changes that we do not know. */
    static final String OTHER_CHANGES = "otherChanges";

    private static final JsonMapper JSON = new JsonMapper();

    static UnknownParts of(ObjectNode parts) {
        return parts.isEmpty()
                ? NONE
                : new UnknownParts(parts.toString(), parts.path(OTHER_CAUSES).size());
    }

    /** As they were read; a node that has nothing where there are none. */
    JsonNode tree() {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException impossible) { // we wrote it
            throw new IllegalStateException(impossible);
        }
    }
}
