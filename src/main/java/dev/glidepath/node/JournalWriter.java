package dev.glidepath.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Hook;
import dev.glidepath.node.Journal.Settled;
import java.util.Locale;

/**
 * Writes a journal as text: JSON, the same for the same journal, so that it can be compared and set. What a build did not know when it
 * read the journal is written again in its place.
 */
final class JournalWriter {
    private static final JsonMapper JSON = new JsonMapper();

    private JournalWriter() {}

    static String text(Journal journal) {
        JsonNode unknown = journal.unknown().tree();
        ObjectNode root = JSON.createObjectNode();
        root.put("version", Journal.VERSION);
        root.put("state", label(journal.state()));
        journal.holder().ifPresent(holder -> root.put("holder", holder));
        root.put("start", journal.start().toString());
        journal.term()
                .ifPresent(term -> add(
                        unknown.path("term"),
                        root.putObject("term")
                                .put("deadline", term.deadline().toString())
                                .put("since", term.since().toString())));
        journal.longestGrace().ifPresent(grace -> root.put("longestGrace", grace.toString()));
        ArrayNode causes = root.putArray("causes");
        journal.causes().forEach(cause -> {
            ObjectNode node = causes.addObject();
            write(cause, node);
            add(unknown.path("causes").path(cause.id().value()), node);
        });
        unknown.path(UnknownParts.OTHER_CAUSES).forEach(causes::add);
        ArrayNode hooks = root.putArray("hooks");
        journal.hooks().forEach(hook -> {
            ObjectNode node = hooks.addObject();
            write(hook, node);
            add(unknown.path("hooks").path(hook.action().tokenHash()), node);
        });
        ArrayNode changed = root.putArray("changed");
        journal.changed().stream().sorted().forEach(change -> changed.add(label(change)));
        unknown.path(UnknownParts.OTHER_CHANGES).forEach(changed::add);
        journal.stop()
                .ifPresent(stop -> add(
                        unknown.path("stop"),
                        root.putObject("stop").put("at", stop.at().toString()).put("proven", stop.proven())));
        journal.goneBy().ifPresent(latest -> root.put("goneBy", latest.toString()));
        ArrayNode settled = root.putArray("settled");
        journal.settled().forEach(done -> {
            ObjectNode node = settled.addObject();
            write(done, node);
            add(unknown.path("settled").path(done.id().value()), node);
        });
        add(unknown.path(UnknownParts.FIELDS), root);
        return root.toString();
    }

    private static void add(JsonNode fields, ObjectNode to) {
        fields.forEachEntry(to::set);
    }

    private static void write(Cause cause, ObjectNode node) {
        node.put("id", cause.id().value())
                .put("kind", cause.kind().label())
                .put("effect", label(cause.effect()))
                .put("noticedAt", cause.noticedAt().toString())
                .put("receivedAt", cause.receivedAt().toString());
        cause.goneAt().ifPresent(goneAt -> node.put("goneAt", goneAt.toString()));
        node.put("answered", cause.answered());
        cause.window()
                .ifPresent(window -> node.put("startsAt", window.startsAt().toString())
                        .put("endsAt", window.endsAt().toString()));
    }

    private static void write(Hook hook, ObjectNode node) {
        node.put("cause", hook.cause().value())
                .put("group", hook.action().group())
                .put("name", hook.action().hook())
                .put("tokenHash", hook.action().tokenHash())
                .put("instance", hook.action().instance().value())
                .put("noticedAt", hook.noticedAt().toString())
                .put("firstReceivedAt", hook.firstReceivedAt().toString());
    }

    private static void write(Settled done, ObjectNode node) {
        node.put("id", done.id().value()).put("noticedAt", done.noticedAt().toString());
        if (done.hookCompleted()) {
            node.put("hookCompleted", true);
        }
    }

    /** The word for it in the text. */
    static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
