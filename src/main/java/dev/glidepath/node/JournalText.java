package dev.glidepath.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.Journal.Effect;
import dev.glidepath.node.Journal.Hook;
import dev.glidepath.node.Journal.Settled;
import dev.glidepath.node.Journal.State;
import dev.glidepath.node.Journal.Stop;
import dev.glidepath.node.Journal.Term;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** A journal as text: JSON, the same for the same journal, so that it can be compared and set. */
final class JournalText {
    private static final JsonMapper JSON = new JsonMapper();

    private JournalText() {}

    static String of(Journal journal) {
        ObjectNode root = JSON.createObjectNode();
        root.put("state", label(journal.state()));
        journal.holder().ifPresent(holder -> root.put("holder", holder));
        root.put("start", journal.start().toString());
        journal.term()
                .ifPresent(term -> root.putObject("term")
                        .put("deadline", term.deadline().toString())
                        .put("since", term.since().toString()));
        journal.longestGrace().ifPresent(grace -> root.put("longestGrace", grace.toString()));
        ArrayNode causes = root.putArray("causes");
        journal.causes().forEach(cause -> write(cause, causes.addObject()));
        ArrayNode hooks = root.putArray("hooks");
        journal.hooks().forEach(hook -> write(hook, hooks.addObject()));
        ArrayNode changed = root.putArray("changed");
        journal.changed().stream().sorted().forEach(change -> changed.add(label(change)));
        journal.stop()
                .ifPresent(stop ->
                        root.putObject("stop").put("at", stop.at().toString()).put("proven", stop.proven()));
        ArrayNode settled = root.putArray("settled");
        journal.settled()
                .forEach(paid -> settled.addObject()
                        .put("id", paid.id().value())
                        .put("noticedAt", paid.noticedAt().toString()));
        return root.toString();
    }

    static Optional<Journal> parse(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            JsonNode root = JSON.readTree(text);
            return Optional.of(new Journal(
                    named(State.class, root.path("state").asText()),
                    optional(root, "holder", JsonNode::asText),
                    instant(root, "start"),
                    optional(root, "term", term -> new Term(instant(term, "deadline"), instant(term, "since"))),
                    optional(root, "longestGrace", grace -> Duration.parse(grace.asText())),
                    all(root, "causes", JournalText::cause),
                    all(root, "hooks", JournalText::hook),
                    changes(root),
                    optional(
                            root,
                            "stop",
                            stop -> new Stop(
                                    instant(stop, "at"), stop.path("proven").asBoolean())),
                    all(root, "settled", paid -> new Settled(id(paid, "id"), instant(paid, "noticedAt")))));
        } catch (JsonProcessingException | DateTimeParseException | IllegalArgumentException broken) {
            return Optional.empty();
        }
    }

    private static void write(Cause cause, ObjectNode node) {
        node.put("id", cause.id().value())
                .put("kind", cause.kind().label())
                .put("effect", label(cause.effect()))
                .put("noticedAt", cause.noticedAt().toString())
                .put("receivedAt", cause.receivedAt().toString());
        cause.goneAt().ifPresent(goneAt -> node.put("goneAt", goneAt.toString()));
        node.put("answered", cause.answered());
    }

    private static Cause cause(JsonNode node) {
        return new Cause(
                id(node, "id"),
                Kind.named(node.path("kind").asText()).orElseThrow(() -> new IllegalArgumentException("no such kind")),
                named(Effect.class, node.path("effect").asText()),
                instant(node, "noticedAt"),
                instant(node, "receivedAt"),
                optional(node, "goneAt", goneAt -> Instant.parse(goneAt.asText())),
                node.path("answered").asBoolean());
    }

    private static void write(Hook hook, ObjectNode node) {
        node.put("cause", hook.cause().value())
                .put("group", hook.action().group())
                .put("name", hook.action().hook())
                .put("token", hook.action().token())
                .put("instance", hook.action().instance().value())
                .put("noticedAt", hook.noticedAt().toString())
                .put("firstReceivedAt", hook.firstReceivedAt().toString())
                .put("direct", hook.direct());
    }

    private static Hook hook(JsonNode node) {
        return new Hook(
                id(node, "cause"),
                new LifecycleAction(
                        node.path("group").asText(),
                        node.path("name").asText(),
                        node.path("token").asText(),
                        new InstanceId(node.path("instance").asText())),
                instant(node, "noticedAt"),
                instant(node, "firstReceivedAt"),
                node.path("direct").asBoolean());
    }

    private static Set<Change> changes(JsonNode root) {
        return new LinkedHashSet<>(all(root, "changed", change -> named(Change.class, change.asText())));
    }

    private static <T> List<T> all(JsonNode from, String field, Function<JsonNode, T> read) {
        List<T> all = new ArrayList<>();
        from.path(field).forEach(each -> all.add(read.apply(each)));
        return all;
    }

    private static <T> Optional<T> optional(JsonNode from, String field, Function<JsonNode, T> read) {
        return from.has(field) ? Optional.of(read.apply(from.path(field))) : Optional.empty();
    }

    private static InterruptionId id(JsonNode from, String field) {
        return new InterruptionId(from.path(field).asText());
    }

    private static Instant instant(JsonNode from, String field) {
        return Instant.parse(from.path(field).asText());
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static <E extends Enum<E>> E named(Class<E> type, String label) {
        return Enum.valueOf(type, label.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
