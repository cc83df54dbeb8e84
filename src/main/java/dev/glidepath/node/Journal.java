package dev.glidepath.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.LifecycleAction;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a node remembers of its departure, in one annotation: whoever comes next can go on from it, tell a duplicate, and
 * undo what we changed and nothing else.
 *
 * @param state how far the departure is
 * @param start when the departure began
 * @param term the present deadline; empty where there is none
 * @param longestGrace the longest grace among the pods when they were first seen, once that matters
 * @param causes the interruptions that are live
 * @param hooks a copy of each lifecycle action owed
 * @param changed what we changed on the node, and found otherwise
 * @param settled the interruptions settled last, the newest at the end; at most {@value #MOST_SETTLED}
 */
public record Journal(
        State state,
        Instant start,
        Optional<Term> term,
        Optional<Duration> longestGrace,
        List<Cause> causes,
        List<Hook> hooks,
        Set<Change> changed,
        List<InterruptionId> settled) {

    /** Where it stands on the Node. */
    static final String ANNOTATION = "glidepath.dev/departure";

    static final int MOST_SETTLED = 20;

    private static final JsonMapper JSON = new JsonMapper();

    public Journal {
        causes = List.copyOf(causes);
        hooks = List.copyOf(hooks);
        changed = Set.copyOf(changed);
        settled = List.copyOf(settled.subList(Math.max(0, settled.size() - MOST_SETTLED), settled.size()));
    }

    /** How far a departure is. */
    public enum State {
        /** Under way: to be gone on with. */
        OPEN,
        /** Nothing is owed; kept until the node is deleted. */
        SETTLED
    }

    /** What we may change on a node. */
    public enum Change {
        UNSCHEDULABLE,
        TAINT,
        OUT_OF_SERVICE
    }

    /** A deadline, and since when it is the one that holds. */
    public record Term(Instant deadline, Instant since) {}

    /** An interruption that is live. */
    public record Cause(InterruptionId id, String kind, Instant noticedAt) {}

    /** A lifecycle action owed, with the times its deadline is made of. */
    public record Hook(LifecycleAction action, Instant noticedAt, Instant firstReceivedAt) {
        private InterruptionId cause() {
            return new AsgTermination(action, noticedAt).id();
        }
    }

    /** Whether this interruption is known here and to be acted on. */
    public boolean isLive(InterruptionId id) {
        return state == State.OPEN
                && causes.stream().anyMatch(cause -> cause.id().equals(id));
    }

    /** Whether all that was owed for this interruption has been paid. */
    public boolean isSettled(InterruptionId id) {
        return settled.contains(id);
    }

    /** A departure that begins; what we changed in an earlier one is still to be undone, and what it settled still known. */
    public static Journal open(Optional<Journal> before, Instant start) {
        return before.filter(journal -> journal.state() == State.OPEN)
                .orElseGet(() -> new Journal(
                        State.OPEN,
                        start,
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        before.map(Journal::changed).orElse(Set.of()),
                        before.map(Journal::settled).orElse(List.of())));
    }

    /** The same departure for one more cause; the same if it is known. */
    public Journal with(Cause cause) {
        return isLive(cause.id())
                ? this
                : new Journal(
                        state,
                        start,
                        term,
                        longestGrace,
                        Stream.concat(causes.stream(), Stream.of(cause)).toList(),
                        hooks,
                        changed,
                        settled);
    }

    /** The same departure with one more hook owed; the same if it is known. */
    public Journal with(Hook hook) {
        return hooks.stream().anyMatch(known -> known.action().equals(hook.action()))
                ? this
                : new Journal(
                        state,
                        start,
                        term,
                        longestGrace,
                        causes,
                        Stream.concat(hooks.stream(), Stream.of(hook)).toList(),
                        changed,
                        settled);
    }

    /** The same departure with nothing owed any more for these interruptions; settled, if no other is live. */
    public Journal settle(Set<InterruptionId> paid) {
        List<Cause> live =
                causes.stream().filter(cause -> !paid.contains(cause.id())).toList();
        List<InterruptionId> all = Stream.concat(
                        settled.stream(), causes.stream().map(Cause::id).filter(paid::contains))
                .toList();
        List<Hook> owed =
                hooks.stream().filter(hook -> !paid.contains(hook.cause())).toList();
        return live.isEmpty()
                ? new Journal(
                        State.SETTLED, start, Optional.empty(), Optional.empty(), List.of(), List.of(), changed, all)
                : new Journal(State.OPEN, start, term, longestGrace, live, owed, changed, all);
    }

    /** The same departure with this deadline, and the longest grace it was reckoned from. */
    public Journal with(Optional<Term> deadline, Optional<Duration> longest) {
        return new Journal(state, start, deadline, longest, causes, hooks, changed, settled);
    }

    /** The same departure, remembering what we changed on top of what we had changed before. */
    Journal withChanged(Set<Change> more) {
        Set<Change> all = new LinkedHashSet<>(changed);
        all.addAll(more);
        return new Journal(state, start, term, longestGrace, causes, hooks, all, settled);
    }

    /** The same departure, with this change undone. */
    Journal withoutChanged(Change undone) {
        Set<Change> left = new LinkedHashSet<>(changed);
        left.remove(undone);
        return new Journal(state, start, term, longestGrace, causes, hooks, left, settled);
    }

    /** The annotation's text. */
    public String text() {
        ObjectNode root = JSON.createObjectNode();
        root.put("state", label(state));
        root.put("start", start.toString());
        term.ifPresent(known -> root.putObject("term")
                .put("deadline", known.deadline().toString())
                .put("since", known.since().toString()));
        longestGrace.ifPresent(grace -> root.put("longestGrace", grace.toString()));
        ArrayNode causesNode = root.putArray("causes");
        causes.forEach(cause -> causesNode
                .addObject()
                .put("id", cause.id().value())
                .put("kind", cause.kind())
                .put("noticedAt", cause.noticedAt().toString()));
        ArrayNode hooksNode = root.putArray("hooks");
        hooks.forEach(hook -> hooksNode
                .addObject()
                .put("group", hook.action().group())
                .put("name", hook.action().hook())
                .put("token", hook.action().token())
                .put("instance", hook.action().instance().value())
                .put("noticedAt", hook.noticedAt().toString())
                .put("firstReceivedAt", hook.firstReceivedAt().toString()));
        ArrayNode changedNode = root.putArray("changed");
        changed.stream().sorted().forEach(change -> changedNode.add(label(change)));
        ArrayNode settledNode = root.putArray("settled");
        settled.forEach(id -> settledNode.add(id.value()));
        return root.toString();
    }

    /** Reads an annotation's text; one that somebody broke counts as none: the departure is journaled anew. */
    public static Optional<Journal> parse(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            JsonNode root = JSON.readTree(text);
            List<Cause> causes = new ArrayList<>();
            for (JsonNode cause : root.path("causes")) {
                causes.add(new Cause(
                        new InterruptionId(cause.path("id").asText()),
                        cause.path("kind").asText(),
                        instant(cause, "noticedAt")));
            }
            List<Hook> hooks = new ArrayList<>();
            for (JsonNode hook : root.path("hooks")) {
                hooks.add(new Hook(
                        new LifecycleAction(
                                hook.path("group").asText(),
                                hook.path("name").asText(),
                                hook.path("token").asText(),
                                new InstanceId(hook.path("instance").asText())),
                        instant(hook, "noticedAt"),
                        instant(hook, "firstReceivedAt")));
            }
            Set<Change> changed = new LinkedHashSet<>();
            root.path("changed").forEach(change -> changed.add(named(Change.class, change.asText())));
            List<InterruptionId> settled = new ArrayList<>();
            root.path("settled").forEach(id -> settled.add(new InterruptionId(id.asText())));
            return Optional.of(new Journal(
                    named(State.class, root.path("state").asText()),
                    instant(root, "start"),
                    root.has("term")
                            ? Optional.of(new Term(
                                    instant(root.path("term"), "deadline"), instant(root.path("term"), "since")))
                            : Optional.empty(),
                    root.has("longestGrace")
                            ? Optional.of(
                                    Duration.parse(root.path("longestGrace").asText()))
                            : Optional.empty(),
                    causes,
                    hooks,
                    changed,
                    settled));
        } catch (JsonProcessingException | DateTimeParseException | IllegalArgumentException broken) {
            return Optional.empty();
        }
    }

    private static Instant instant(JsonNode from, String field) {
        return Instant.parse(from.path(field).asText());
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static <E extends Enum<E>> E named(Class<E> type, String label) {
        return Enum.valueOf(type, label.toUpperCase(Locale.ROOT));
    }
}
