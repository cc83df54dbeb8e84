package dev.glidepath.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
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
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Reads a journal's text. What the text has besides what we know (fields anywhere; causes of a kind or an effect, and changes, that
 * we have no word for) is set aside, to be written again.
 */
final class JournalReader {
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

    /** Later than any event may say, and than what is computed from that. */
    private static final Instant LATEST = Instant.parse("2300-01-01T00:00:00Z");

    /** Far more than any of our builds lets a pod have. */
    private static final Duration LONGEST = Duration.ofDays(366);

    private final int version;
    private final ObjectNode unknown = JSON.createObjectNode();

    private JournalReader(int version) {
        this.version = version;
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
            return new Reading.Read(new JournalReader(version).journal(root));
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

    private Journal journal(JsonNode root) {
        setAside(root, ROOT, UnknownParts.FIELDS);
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
                optional(root, "longestGrace", JournalReader::duration),
                causes,
                hooks,
                changed,
                optional(
                        root,
                        "stop",
                        stop -> new Stop(
                                instant(stop, "at"), stop.path("proven").asBoolean())),
                optional(root, "goneBy", JournalReader::instant),
                settled,
                UnknownParts.of(unknown));
    }

    /** Of two that announce the same interruption the later word: none of our builds writes both. */
    private List<Cause> causes(JsonNode root) {
        Map<String, Cause> causes = new LinkedHashMap<>();
        for (JsonNode node : root.path("causes")) {
            Optional<Kind> kind = Kind.named(node.path("kind").asText());
            Optional<Effect> effect = named(Effect.class, node.path("effect").asText());
            if (kind.isPresent() && effect.isPresent()) {
                Cause cause = cause(node, kind.get(), effect.get());
                causes.merge(cause.id().cause(), cause, JournalReader::later);
            } else if (node.path("kind").isTextual() && node.path("effect").isTextual()) {
                unknown.withArray(UnknownParts.OTHER_CAUSES).add(node);
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
                optional(node, "goneAt", JournalReader::instant),
                node.path("answered").asBoolean(),
                optional(node, "startsAt", JournalReader::instant)
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
                            () -> unknown.withArray(UnknownParts.OTHER_CHANGES).add(word));
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

    /** A time with which no computation overflows. */
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

    private static <E extends Enum<E>> Optional<E> named(Class<E> type, String label) {
        return Arrays.stream(type.getEnumConstants())
                .filter(value -> JournalWriter.label(value).equals(label))
                .findFirst();
    }
}
