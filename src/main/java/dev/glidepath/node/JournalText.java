package dev.glidepath.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.Window;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.Journal.Effect;
import dev.glidepath.node.Journal.Hook;
import dev.glidepath.node.Journal.Reading;
import dev.glidepath.node.Journal.Settled;
import dev.glidepath.node.Journal.State;
import dev.glidepath.node.Journal.Stop;
import dev.glidepath.node.Journal.Term;
import dev.glidepath.node.Journal.Unknown;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A journal as text: JSON, the same for the same journal, so that it can be compared and set. What a text has besides what we
 * know (fields anywhere; causes of a kind or an effect, and changes, that we have no word for) is kept apart and written again.
 */
final class JournalText {
    private static final JsonMapper JSON = new JsonMapper();

    private static final Set<String> ROOT = Set.of(
            "version",
            "state",
            "holder",
            "start",
            "term",
            "longestGrace",
            "causes",
            "hooks",
            "changed",
            "stop",
            "goneBy",
            "settled");
    private static final Set<String> TERM = Set.of("deadline", "since");
    private static final Set<String> STOP = Set.of("at", "proven");
    private static final Set<String> CAUSE =
            Set.of("id", "kind", "effect", "noticedAt", "receivedAt", "goneAt", "answered", "startsAt", "endsAt");
    private static final Set<String> HOOK =
            Set.of("cause", "group", "name", "token", "tokenHash", "instance", "noticedAt", "firstReceivedAt");
    private static final Set<String> SETTLED = Set.of("id", "noticedAt", "hookCompleted");

    /** What is unknown, apart from what is written under the names of the journal's own fields: whole causes, and changes. */
    private static final String FIELDS = "fields";

    private static final String OTHER_CAUSES = "otherCauses";
    private static final String OTHER_CHANGES = "otherChanges";

    /** Later than any event may say, and than what is reckoned from that. */
    private static final Instant LATEST = Instant.parse("2300-01-01T00:00:00Z");

    /** Far more than any of our builds lets a pod have. */
    private static final Duration LONGEST = Duration.ofDays(366);

    private JournalText() {}

    static String of(Journal journal) {
        JsonNode unknown = unknownOf(journal);
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
        unknown.path(OTHER_CAUSES).forEach(causes::add);
        ArrayNode hooks = root.putArray("hooks");
        journal.hooks().forEach(hook -> {
            ObjectNode node = hooks.addObject();
            write(hook, node);
            add(unknown.path("hooks").path(hook.action().tokenHash()), node);
        });
        ArrayNode changed = root.putArray("changed");
        journal.changed().stream().sorted().forEach(change -> changed.add(label(change)));
        unknown.path(OTHER_CHANGES).forEach(changed::add);
        journal.stop()
                .ifPresent(stop -> add(
                        unknown.path("stop"),
                        root.putObject("stop").put("at", stop.at().toString()).put("proven", stop.proven())));
        journal.goneBy().ifPresent(latest -> root.put("goneBy", latest.toString()));
        ArrayNode settled = root.putArray("settled");
        journal.settled().forEach(paid -> {
            ObjectNode node = settled.addObject();
            write(paid, node);
            add(unknown.path("settled").path(paid.id().value()), node);
        });
        add(unknown.path(FIELDS), root);
        return root.toString();
    }

    private static JsonNode unknownOf(Journal journal) {
        try {
            return JSON.readTree(journal.unknown().json()); // of no text: a node that has nothing
        } catch (JsonProcessingException impossible) { // we wrote it
            throw new IllegalStateException(impossible);
        }
    }

    private static void add(JsonNode fields, ObjectNode to) {
        fields.forEachEntry(to::set);
    }

    static Reading read(String text) {
        if (text.isEmpty()) {
            return new Reading.None();
        }
        try {
            JsonNode root = JSON.readTree(text);
            int version = version(root);
            if (version > Journal.VERSION) {
                return new Reading.Newer(version, optional(root, "holder", JsonNode::asText));
            }
            return new Reading.Read(new Parsing(version).journal(root));
        } catch (JsonProcessingException | DateTimeParseException | IllegalArgumentException broken) {
            return new Reading.Broken();
        }
    }

    /** Those before versions were counted say none. */
    private static int version(JsonNode root) {
        JsonNode version = root.path("version");
        if (!version.isMissingNode() && !version.isInt()) {
            throw new IllegalArgumentException("no such version");
        }
        return version.asInt(0);
    }

    /** Reads one text, and sets aside what it has that we do not know. */
    private static final class Parsing {
        private final int version;
        private final ObjectNode unknown = JSON.createObjectNode();

        Parsing(int version) {
            this.version = version;
        }

        Journal journal(JsonNode root) {
            setAside(root, ROOT, FIELDS);
            setAside(root.path("term"), TERM, "term");
            setAside(root.path("stop"), STOP, "stop");
            List<Cause> causes = causes(root);
            List<Hook> hooks = all(root, "hooks", this::hook);
            Set<Change> changed = changes(root);
            List<Settled> settled = all(root, "settled", this::settled);
            return new Journal(
                    named(State.class, root.path("state").asText())
                            .orElseThrow(() -> new IllegalArgumentException("no such state")),
                    optional(root, "holder", JsonNode::asText),
                    instant(root, "start"),
                    optional(root, "term", term -> new Term(instant(term, "deadline"), instant(term, "since"))),
                    optional(root, "longestGrace", JournalText::duration),
                    causes,
                    hooks,
                    changed,
                    optional(
                            root,
                            "stop",
                            stop -> new Stop(
                                    instant(stop, "at"), stop.path("proven").asBoolean())),
                    optional(root, "goneBy", JournalText::instant),
                    settled,
                    unknown.isEmpty()
                            ? Unknown.NOTHING
                            : new Unknown(
                                    unknown.toString(),
                                    unknown.path(OTHER_CAUSES).size()));
        }

        /** Of two that tell of the same interruption the later word: none of our builds writes both. */
        private List<Cause> causes(JsonNode root) {
            Map<String, Cause> causes = new LinkedHashMap<>();
            for (JsonNode node : root.path("causes")) {
                Optional<Kind> kind = Kind.named(node.path("kind").asText());
                Optional<Effect> effect =
                        named(Effect.class, node.path("effect").asText());
                if (kind.isPresent() && effect.isPresent()) {
                    Cause cause = cause(node, kind.get(), effect.get());
                    causes.merge(cause.id().cause(), cause, Parsing::later);
                } else if (node.path("kind").isTextual() && node.path("effect").isTextual()) {
                    unknown.withArray(OTHER_CAUSES).add(node);
                } else {
                    throw new IllegalArgumentException("no such cause");
                }
            }
            return List.copyOf(causes.values());
        }

        private static Cause later(Cause one, Cause other) {
            return other.noticedAt().isAfter(one.noticedAt()) ? other : one;
        }

        private Cause cause(JsonNode node, Kind kind, Effect effect) {
            InterruptionId id = id(node, "id");
            setAside(node, CAUSE, "causes", id.value());
            return new Cause(
                    id,
                    kind,
                    effect,
                    instant(node, "noticedAt"),
                    instant(node, "receivedAt"),
                    optional(node, "goneAt", JournalText::instant),
                    node.path("answered").asBoolean(),
                    optional(node, "startsAt", JournalText::instant)
                            .map(startsAt -> new Window(startsAt, instant(node, "endsAt"))));
        }

        private Hook hook(JsonNode node) {
            String hash = version == 0
                    ? new LifecycleToken(node.path("token").asText()).hash()
                    : node.path("tokenHash").asText();
            setAside(node, HOOK, "hooks", hash);
            return new Hook(
                    id(node, "cause"),
                    new LifecycleAction(
                            node.path("group").asText(),
                            node.path("name").asText(),
                            hash,
                            new InstanceId(node.path("instance").asText())),
                    instant(node, "noticedAt"),
                    instant(node, "firstReceivedAt"));
        }

        private Settled settled(JsonNode node) {
            InterruptionId id = id(node, "id");
            setAside(node, SETTLED, "settled", id.value());
            return new Settled(
                    id, instant(node, "noticedAt"), node.path("hookCompleted").asBoolean());
        }

        private Set<Change> changes(JsonNode root) {
            Set<Change> changes = new LinkedHashSet<>();
            for (JsonNode word : root.path("changed")) {
                named(Change.class, word.asText())
                        .ifPresentOrElse(
                                changes::add,
                                () -> unknown.withArray(OTHER_CHANGES).add(word));
            }
            return changes;
        }

        /** Before versions were counted, the id of a lifecycle action had its token. */
        private InterruptionId id(JsonNode from, String field) {
            String value = from.path(field).asText();
            return new InterruptionId(
                    version > 0
                            ? value
                            : Stream.of(Kind.ASG_TERMINATION, Kind.ASG_LAUNCH)
                                    .map(kind -> kind.label() + "/")
                                    .filter(value::startsWith)
                                    .findFirst()
                                    .map(before -> before + new LifecycleToken(value.substring(before.length())).hash())
                                    .orElse(value));
        }

        /** Keeps under this name, and this key there, what the object has besides these fields. */
        private void setAside(JsonNode object, Set<String> known, String... path) {
            if (object instanceof ObjectNode fields) {
                ObjectNode rest = fields.deepCopy().remove(known);
                if (!rest.isEmpty()) {
                    ObjectNode into = path.length == 1 ? unknown : unknown.withObjectProperty(path[0]);
                    into.set(path[path.length - 1], rest);
                }
            }
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

    private static void write(Settled paid, ObjectNode node) {
        node.put("id", paid.id().value()).put("noticedAt", paid.noticedAt().toString());
        if (paid.hookCompleted()) {
            node.put("hookCompleted", true);
        }
    }

    private static <T> List<T> all(JsonNode from, String field, Function<JsonNode, T> read) {
        List<T> all = new ArrayList<>();
        from.path(field).forEach(each -> all.add(read.apply(each)));
        return all;
    }

    private static <T> Optional<T> optional(JsonNode from, String field, Function<JsonNode, T> read) {
        return from.has(field) ? Optional.of(read.apply(from.path(field))) : Optional.empty();
    }

    private static Instant instant(JsonNode from, String field) {
        return instant(from.path(field));
    }

    /** A time with which no reckoning overflows. */
    private static Instant instant(JsonNode text) {
        Instant time = Instant.parse(text.asText());
        if (time.isBefore(Instant.EPOCH) || !time.isBefore(LATEST)) {
            throw new IllegalArgumentException("no such time");
        }
        return time;
    }

    private static Duration duration(JsonNode text) {
        Duration duration = Duration.parse(text.asText());
        if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("no such duration");
        }
        return duration;
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static <E extends Enum<E>> Optional<E> named(Class<E> type, String label) {
        return Arrays.stream(type.getEnumConstants())
                .filter(value -> label(value).equals(label))
                .findFirst();
    }
}
