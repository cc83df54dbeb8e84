package dev.glidepath.replica;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.LifecycleToken;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A replica's Lease, reduced.
 *
 * @param name of the replica's pod as well
 * @param version of the object, which a write must name; empty for one that is not there yet
 * @param holder whose it is; empty when it has been released
 * @param renewTime as its holder wrote it, by its own clock: it is compared with what it was before, and with nothing else
 * @param release the installation that its replica belongs to; empty in one of an older build
 * @param capabilities what others must know of its replica
 * @param pending the instances whose hooks its holder owes
 * @param tokens of the lifecycle actions that its holder works on, with what their messages said
 * @see <a href="https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/">Lease</a>
 */
record ReplicaLease(
        String name,
        String version,
        String holder,
        String renewTime,
        String release,
        Capabilities capabilities,
        PendingHooks pending,
        Map<LifecycleToken, ActionNotice> tokens) {
    /** By which the Leases of replicas are known among others. */
    static final String LABEL = "glidepath.dev/replica";

    /** By which those of one release are known among them. */
    static final String RELEASE = "glidepath.dev/release";

    /** Not the name that older builds use: theirs lists every instance that they heard of, which proves nothing. */
    static final String PENDING = "glidepath.dev/pending-hooks";

    static final String TOKENS = "glidepath.dev/lifecycle-tokens";
    /** Less than the half of an object's annotations that the list of instances leaves. */
    private static final int MOST_OF_TOKENS = 120_000;

    /** Those of Auto Scaling have 36 letters. */
    private static final Predicate<String> IS_SHORT =
            Pattern.compile("[!-~&&[^\"\\\\]]{1,100}").asMatchPredicate();

    /** Of groups and hooks; what AWS allows besides is seldom, and comes again with its message. */
    private static final Predicate<String> IS_NAME =
            Pattern.compile("[ -~&&[^\"\\\\]]{1,255}").asMatchPredicate();

    static final String JOURNAL_VERSION = "glidepath.dev/journal-version";
    static final String NODE_SELECTOR = "glidepath.dev/node-selector";
    static final int SECONDS = 15;

    private static final JsonMapper JSON = new JsonMapper();

    /** A MicroTime, which has six decimals, no more and no less. */
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    ReplicaLease {
        tokens = Map.copyOf(tokens);
    }

    /** Where the Leases of that namespace are found. */
    static String folder(String namespace) {
        return "/apis/coordination.k8s.io/v1/namespaces/" + namespace + "/leases";
    }

    /** As a Lease writes a time. */
    static String micros(Instant time) {
        return MICROS.format(time);
    }

    /** @throws JsonProcessingException when it is no JSON */
    static ReplicaLease parse(String json) throws JsonProcessingException {
        return of(JSON.readTree(json));
    }

    static ReplicaLease of(JsonNode lease) {
        JsonNode metadata = lease.path("metadata");
        JsonNode annotations = metadata.path("annotations");
        return new ReplicaLease(
                metadata.path("name").asText(),
                metadata.path("resourceVersion").asText(),
                lease.path("spec").path("holderIdentity").asText(),
                lease.path("spec").path("renewTime").asText(),
                metadata.path("labels").path(RELEASE).asText(),
                capabilities(
                        annotations.path(JOURNAL_VERSION).asText(),
                        annotations.path(NODE_SELECTOR).asText()),
                PendingHooks.parse(annotations.path(PENDING).asText()),
                tokens(annotations.path(TOKENS).asText()));
    }

    /** Reads what two annotations say of a replica. */
    static Capabilities capabilities(String journalVersion, String nodeSelector) {
        return new Capabilities(
                journalVersion.matches("\\d{1,6}") ? Integer.parseInt(journalVersion) : 0, nodeSelector);
    }

    /** As many of them as a Lease has room for; others, and such as are no tokens of Auto Scaling, come again with their messages. */
    static Map<LifecycleToken, ActionNotice> fitting(Map<LifecycleToken, ActionNotice> all) {
        Map<LifecycleToken, ActionNotice> fitting = new HashMap<>();
        Set<String> hooks = new HashSet<>();
        int length = 0;
        for (Map.Entry<LifecycleToken, ActionNotice> each : all.entrySet()) {
            String token = each.getKey().value();
            LifecycleAction action = each.getValue().action();
            String hook =
                    "'%s':{'%s':{'%s':{}}},".formatted(label(each.getValue().route()), action.group(), action.hook());
            int more = token.length() + action.instance().value().length() + "'':'',".length();
            int grown = length + more + (hooks.contains(hook) ? 0 : hook.length());
            if (isPlain(token, action) && grown <= MOST_OF_TOKENS) {
                fitting.put(each.getKey(), each.getValue());
                hooks.add(hook);
                length = grown;
            }
        }
        return fitting;
    }

    private static boolean isPlain(String token, LifecycleAction action) {
        return IS_SHORT.test(token) && IS_NAME.test(action.group()) && IS_NAME.test(action.hook());
    }

    /**
     * Reads instances by route, group, hook and token. What is not in that form counts for nothing, such as the text of a build that
     * wrote instances by token alone.
     */
    static Map<LifecycleToken, ActionNotice> tokens(String text) {
        try {
            JsonNode root = JSON.readTree(text);
            Map<LifecycleToken, ActionNotice> tokens = new HashMap<>();
            for (Route route : Route.values()) {
                root.path(label(route))
                        .forEachEntry((group, hooks) ->
                                hooks.forEachEntry((hook, instances) -> instances.forEachEntry((token, instance) -> {
                                    if (InstanceId.isValid(instance.asText())) {
                                        LifecycleToken known = new LifecycleToken(token);
                                        LifecycleAction action = LifecycleAction.of(
                                                group, hook, known, new InstanceId(instance.asText()));
                                        tokens.put(known, new ActionNotice(action, route));
                                    }
                                })));
            }
            return tokens;
        } catch (JsonProcessingException broken) {
            return Map.of();
        }
    }

    private static String label(Route route) {
        return route.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The text that {@link #tokens(String)} reads: the same for the same tokens. */
    private static String text(Map<LifecycleToken, ActionNotice> tokens) {
        ObjectNode root = JSON.createObjectNode();
        tokens.entrySet().stream()
                .sorted(Comparator.comparing(each -> each.getKey().value()))
                .forEach(each -> {
                    LifecycleAction action = each.getValue().action();
                    root.withObjectProperty(label(each.getValue().route()))
                            .withObjectProperty(action.group())
                            .withObjectProperty(action.hook())
                            .put(each.getKey().value(), action.instance().value());
                });
        return root.toString();
    }

    /** The object to be written. */
    String text(String namespace) {
        ObjectNode lease = JSON.createObjectNode()
                .put("apiVersion", "coordination.k8s.io/v1")
                .put("kind", "Lease");
        ObjectNode metadata = lease.putObject("metadata").put("name", name).put("namespace", namespace);
        if (!version.isEmpty()) {
            metadata.put("resourceVersion", version);
        }
        metadata.putObject("labels").put(LABEL, "true").put(RELEASE, release);
        metadata.putObject("annotations")
                .put(PENDING, pending.text())
                .put(TOKENS, text(tokens))
                .put(JOURNAL_VERSION, String.valueOf(capabilities.journalVersion()))
                .put(NODE_SELECTOR, capabilities.nodeSelector());
        lease.putObject("spec")
                .put("holderIdentity", holder)
                .put("leaseDurationSeconds", SECONDS)
                .put("renewTime", renewTime);
        return lease.toString();
    }

    /** What deletes an object of this version and no other. */
    static String deletionOf(String version) {
        ObjectNode options = JSON.createObjectNode().put("apiVersion", "v1").put("kind", "DeleteOptions");
        options.putObject("preconditions").put("resourceVersion", version);
        return options.toString();
    }
}
