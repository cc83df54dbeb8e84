package dev.glidepath.storm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AuditLog.Request;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;

/**
 * What one client made of a cluster, as the API server's audit log has it. Times are those at which the API server had answered.
 *
 * @param cordoned when each node was, by its name
 * @param terminations the SIGTERM of each pod that was evicted or deleted, by its name
 * @param ended when each pod's object went, by its name
 * @param calls how many requests of each kind were answered, such as {@code create pods/eviction 201}
 */
record Observation(
        Map<String, Instant> cordoned,
        Map<String, Termination> terminations,
        Map<String, Instant> ended,
        SortedMap<String, Integer> calls) {
    private static final String KUBELETS = "kwok";

    /**
     * A pod's end, as it was asked for.
     *
     * @param at when its deletionTimestamp was first set
     * @param grace the least that it was given
     */
    record Termination(Instant at, Duration grace) {
        private Termination and(Termination later) {
            return new Termination(
                    at.isBefore(later.at) ? at : later.at, grace.compareTo(later.grace) < 0 ? grace : later.grace);
        }
    }

    /**
     * @param requests all that were answered, by anybody
     * @param user the client that is observed
     * @param namespace of the pods
     * @param grace which a pod has where the request names no other
     */
    static Observation of(List<Request> requests, String user, String namespace, Duration grace) {
        Map<String, Instant> cordoned = new HashMap<>();
        Map<String, Termination> terminations = new HashMap<>();
        Map<String, Instant> ended = new HashMap<>();
        SortedMap<String, Integer> calls = new TreeMap<>();
        for (Request request : requests) {
            if (request.user().equals(KUBELETS) && isDeletionIn(namespace, request)) {
                ended.merge(request.name(), request.answeredAt(), BinaryOperator.minBy(Instant::compareTo));
            } else if (request.user().equals(user)) {
                calls.merge(kindOf(request), 1, Integer::sum);
                if (isCordon(request)) {
                    cordoned.merge(request.name(), request.answeredAt(), BinaryOperator.minBy(Instant::compareTo));
                } else if (isEvictionIn(namespace, request) || isDeletionIn(namespace, request)) {
                    terminations.merge(
                            request.name(),
                            new Termination(request.answeredAt(), graceIn(request, grace)),
                            Termination::and);
                }
            }
        }
        return new Observation(Map.copyOf(cordoned), Map.copyOf(terminations), Map.copyOf(ended), calls);
    }

    private static boolean isCordon(Request request) {
        if (!AuditLog.to("patch", "nodes").test(request) || !succeeded(request)) {
            return false;
        }
        JsonNode patch = request.body();
        if (!patch.isArray()) {
            return patch.path("spec").path("unschedulable").asBoolean();
        }
        for (JsonNode operation : patch) {
            if (operation.path("path").asText().equals("/spec/unschedulable")
                    && operation.path("value").asBoolean()
                    && !operation.path("op").asText().equals("test")) {
                return true;
            }
        }
        return false;
    }

    private static boolean isEvictionIn(String namespace, Request request) {
        return AuditLog.to("create", "pods/eviction").test(request) && isDone(namespace, request);
    }

    private static boolean isDeletionIn(String namespace, Request request) {
        return AuditLog.to("delete", "pods").test(request) && isDone(namespace, request);
    }

    private static boolean isDone(String namespace, Request request) {
        return request.namespace().equals(namespace) && succeeded(request);
    }

    private static boolean succeeded(Request request) {
        return request.code() / 100 == 2;
    }

    /** An eviction wraps the options that a deletion is. */
    private static Duration graceIn(Request request, Duration grace) {
        JsonNode options =
                request.body().path("deleteOptions").isObject() ? request.body().path("deleteOptions") : request.body();
        JsonNode seconds = options.path("gracePeriodSeconds");
        return seconds.isNumber() ? Duration.ofSeconds(seconds.asLong()) : grace;
    }

    private static String kindOf(Request request) {
        return "%s %s%s %d"
                .formatted(
                        request.verb(),
                        request.resource().isEmpty() ? request.uri() : request.resource(),
                        request.subresource().isEmpty() ? "" : "/" + request.subresource(),
                        request.code());
    }
}
