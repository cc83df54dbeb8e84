package dev.glidepath.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A way in which a body may differ from one that AWS sends. Places are counted round and round, so that each is one. */
sealed interface Mutation {
    /** The body, changed. */
    String appliedTo(String body);

    /** A change to what the JSON says. A body that is none is left as it is. */
    sealed interface OfJson extends Mutation {
        /** Changes one of the tree's fields or elements. */
        void change(Place place);

        @Override
        default String appliedTo(String body) {
            JsonNode root;
            try {
                root = SampleBody.json(body);
            } catch (IllegalArgumentException notJson) {
                return body;
            }
            List<Place> places = new ArrayList<>();
            Place.collect(root, places);
            if (!places.isEmpty()) {
                change(places.get(Math.floorMod(at(), places.size())));
            }
            return root.toString();
        }

        int at();
    }

    /** A field or element goes. */
    record Drop(int at) implements OfJson {
        @Override
        public void change(Place place) {
            place.drop();
        }
    }

    /** It becomes something else: another type, a word of another kind of event, something odd. */
    record Replace(int at, String json) implements OfJson {
        @Override
        public void change(Place place) {
            place.set(SampleBody.json(json));
        }
    }

    /** It appears under another name as well, whether or not that is taken, or once more in its list. */
    record Repeat(int at, String name) implements OfJson {
        @Override
        public void change(Place place) {
            place.repeat(name);
        }
    }

    /** It sinks into lists, or objects. */
    record Nest(int at, int depth, boolean inObjects) implements OfJson {
        @Override
        public void change(Place place) {
            JsonNode nested = place.value();
            for (int i = 0; i < depth; i++) {
                nested = inObjects
                        ? JsonNodeFactory.instance.objectNode().set("detail", nested)
                        : JsonNodeFactory.instance.arrayNode().add(nested);
            }
            place.set(nested);
        }
    }

    /** SNS is around it. */
    record Wrap() implements Mutation {
        @Override
        public String appliedTo(String body) {
            return SampleBody.bySns(body);
        }
    }

    /** A byte of its UTF-8 is another. */
    record Flip(int at, int bits) implements Mutation {
        @Override
        public String appliedTo(String body) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            if (bytes.length > 0) {
                bytes[Math.floorMod(at, bytes.length)] ^= (byte) bits;
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** Characters appear in it, NULs and halves of surrogate pairs among them. */
    record Insert(int at, String text) implements Mutation {
        @Override
        public String appliedTo(String body) {
            return new StringBuilder(body)
                    .insert(Math.floorMod(at, body.length() + 1), text)
                    .toString();
        }
    }

    /** A part of it is missing. */
    record Cut(int at, int length) implements Mutation {
        @Override
        public String appliedTo(String body) {
            int from = Math.floorMod(at, body.length() + 1);
            return new StringBuilder(body).delete(from, from + length).toString();
        }
    }

    /** A part of it comes again: names twice in one object, two bodies in one. */
    record Stutter(int at, int length) implements Mutation {
        @Override
        public String appliedTo(String body) {
            int from = Math.floorMod(at, body.length() + 1);
            int to = Math.min(body.length(), from + length);
            return body.substring(0, to) + body.substring(from);
        }
    }

    /** Where a value is in a tree: a field of an object, or an element of a list. */
    record Place(JsonNode in, String field, int index) {
        static void collect(JsonNode from, List<Place> places) {
            from.fieldNames().forEachRemaining(name -> places.add(new Place(from, name, -1)));
            for (int i = 0; from.isArray() && i < from.size(); i++) {
                places.add(new Place(from, "", i));
            }
            from.forEach(child -> collect(child, places));
        }

        JsonNode value() {
            return in instanceof ArrayNode list ? list.get(index) : in.path(field);
        }

        void drop() {
            switch (in) {
                case ArrayNode list -> list.remove(index);
                case ObjectNode object -> object.remove(field);
                default -> {}
            }
        }

        void set(JsonNode value) {
            switch (in) {
                case ArrayNode list -> list.set(index, value);
                case ObjectNode object -> object.set(field, value);
                default -> {}
            }
        }

        void repeat(String name) {
            switch (in) {
                case ArrayNode list -> list.add(value());
                case ObjectNode object -> object.set(name, value());
                default -> {}
            }
        }
    }
}
