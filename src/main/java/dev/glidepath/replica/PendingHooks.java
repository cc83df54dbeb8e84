package dev.glidepath.replica;

import static java.util.stream.Collectors.toUnmodifiableMap;
import static java.util.stream.Collectors.toUnmodifiableSet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.event.InstanceId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Instances whose lifecycle hooks are pending, each with the replica that saw its node. It proves to every other replica that
 * there was a node, and nothing to the one that saw it: what a replica wrote itself, or others copied from it, tells it nothing new.
 *
 * @param byWitness the instances by the holder name of the replica that saw their nodes
 * @param copiedAt when those that were copied from the list of another were first copied, to the second
 */
record PendingHooks(Map<String, Set<InstanceId>> byWitness, Map<InstanceId, Instant> copiedAt) {
    static final PendingHooks NONE = new PendingHooks(Map.of());

    private static final JsonMapper JSON = new JsonMapper();

    /** In the list of a witness, before the instances that were copied in that second. No instance to builds that do not know of it. */
    private static final Pattern SECOND = Pattern.compile("@([0-9]{1,11})");

    /** None of which was copied. */
    PendingHooks(Map<String, Set<InstanceId>> byWitness) {
        this(byWitness, Map.of());
    }

    PendingHooks {
        byWitness = byWitness.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .collect(toUnmodifiableMap(Entry::getKey, entry -> Set.copyOf(entry.getValue())));
        copiedAt = copiedAt.entrySet().stream()
                .collect(toUnmodifiableMap(
                        Entry::getKey, entry -> entry.getValue().truncatedTo(ChronoUnit.SECONDS)));
    }

    /** Reads an annotation's text; an entry that somebody broke counts for nothing. */
    static PendingHooks parse(String text) {
        try {
            JsonNode root = JSON.readTree(text);
            Map<InstanceId, Instant> copiedAt = new HashMap<>();
            root.forEach(list -> copiedAt.putAll(copiedAt(list)));
            return new PendingHooks(
                    root.propertyStream()
                            .collect(toUnmodifiableMap(Entry::getKey, entry -> instances(entry.getValue()))),
                    copiedAt);
        } catch (JsonProcessingException broken) {
            return NONE;
        }
    }

    private static Set<InstanceId> instances(JsonNode list) {
        return list.valueStream()
                .map(JsonNode::asText)
                .filter(InstanceId::isValid)
                .map(InstanceId::new)
                .collect(toUnmodifiableSet());
    }

    private static Map<InstanceId, Instant> copiedAt(JsonNode list) {
        Map<InstanceId, Instant> copiedAt = new HashMap<>();
        Optional<Instant> second = Optional.empty();
        for (JsonNode each : list) {
            Matcher marker = SECOND.matcher(each.asText());
            if (marker.matches()) {
                second = Optional.of(Instant.ofEpochSecond(Long.parseLong(marker.group(1))));
            } else if (InstanceId.isValid(each.asText())) {
                second.ifPresent(at -> copiedAt.put(new InstanceId(each.asText()), at));
            }
        }
        return copiedAt;
    }

    /** The annotation's text: the same for the same value. */
    String text() {
        ObjectNode root = JSON.createObjectNode();
        new TreeMap<>(byWitness).forEach((witness, instances) -> {
            ArrayNode list = root.putArray(witness);
            instances.stream()
                    .filter(instance -> !copiedAt.containsKey(instance))
                    .map(InstanceId::value)
                    .sorted()
                    .forEach(list::add);
            copiedIn(instances).forEach((second, copies) -> {
                list.add("@" + second.getEpochSecond());
                copies.forEach(list::add);
            });
        });
        return root.toString();
    }

    private SortedMap<Instant, SortedSet<String>> copiedIn(Set<InstanceId> instances) {
        SortedMap<Instant, SortedSet<String>> bySecond = new TreeMap<>();
        copiedAt.forEach((instance, at) -> {
            if (instances.contains(instance)) {
                bySecond.computeIfAbsent(at, _ -> new TreeSet<>()).add(instance.value());
            }
        });
        return bySecond;
    }

    boolean isEmpty() {
        return byWitness.isEmpty();
    }

    /** Without those that were copied at this moment or before. */
    PendingHooks copiedAfter(Instant moment) {
        Map<String, Set<InstanceId>> left = new HashMap<>();
        byWitness.forEach((witness, instances) -> {
            Set<InstanceId> young = instances.stream()
                    .filter(instance -> Optional.ofNullable(copiedAt.get(instance))
                            .filter(at -> !at.isAfter(moment))
                            .isEmpty())
                    .collect(toUnmodifiableSet());
            if (!young.isEmpty()) {
                left.put(witness, young);
            }
        });
        Map<InstanceId, Instant> when = new HashMap<>(copiedAt);
        when.values().removeIf(at -> !at.isAfter(moment));
        return new PendingHooks(left, when);
    }

    /** Whether each instance of the other is here, whoever saw it. */
    boolean covers(PendingHooks other) {
        return other.byWitness.values().stream()
                .flatMap(Set::stream)
                .allMatch(instance -> byWitness.values().stream().anyMatch(here -> here.contains(instance)));
    }

    /** A replica other than this one that saw the instance's node. */
    Optional<String> witnessTo(String holder, InstanceId instance) {
        return byWitness.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(holder))
                .filter(entry -> entry.getValue().contains(instance))
                .map(Entry::getKey)
                .findFirst();
    }
}
