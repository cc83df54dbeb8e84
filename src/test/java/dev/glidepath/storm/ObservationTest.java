package dev.glidepath.storm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.glidepath.lab.AuditLog.Request;
import dev.glidepath.storm.Observation.Termination;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ObservationTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration GRACE = Duration.ofSeconds(30);
    private static final String CLIENT = "client";

    @Test
    void sigtermIsTheFirstThatSucceeds() {
        Observation seen = observed(
                eviction(CLIENT, 429, 1, "{}"), eviction(CLIENT, 201, 2, "{}"), eviction(CLIENT, 201, 3, "{}"));

        assertThat(seen.terminations()).containsOnly(Map.entry("pod", new Termination(START.plusSeconds(2), GRACE)));
        assertThat(seen.calls())
                .containsEntry("create pods/eviction 429", 1)
                .containsEntry("create pods/eviction 201", 2);
    }

    @Test
    void theLeastGraceCounts() {
        Observation seen = observed(
                eviction(CLIENT, 201, 1, "{\"deleteOptions\": {\"gracePeriodSeconds\": 20}}"),
                request(CLIENT, "delete", "pods", "", "pod", 200, 2, "{\"gracePeriodSeconds\": 5}"));

        assertThat(seen.terminations())
                .containsEntry("pod", new Termination(START.plusSeconds(1), Duration.ofSeconds(5)));
    }

    @Test
    void whatOthersDoIsNotTheClients() {
        Observation seen = observed(eviction("somebody", 201, 1, "{}"));

        assertThat(seen.terminations()).isEmpty();
        assertThat(seen.calls()).isEmpty();
    }

    @Test
    void podHasEndedWhenItsKubeletDeletesIt() {
        Observation seen = observed(request("kwok", "delete", "pods", "", "pod", 200, 4, "{}"));

        assertThat(seen.ended()).containsEntry("pod", START.plusSeconds(4));
        assertThat(seen.terminations()).isEmpty();
    }

    @Test
    void nodeIsCordonedByEitherKindOfPatch() {
        Observation seen = observed(
                patch("merged", "{\"spec\": {\"unschedulable\": true}}"),
                patch("replaced", "[{\"op\": \"add\", \"path\": \"/spec/unschedulable\", \"value\": true}]"),
                patch("annotated", "[{\"op\": \"add\", \"path\": \"/metadata/annotations/a\", \"value\": \"b\"}]"),
                patch("tested", "[{\"op\": \"test\", \"path\": \"/spec/unschedulable\", \"value\": true}]"));

        assertThat(seen.cordoned()).containsOnlyKeys("merged", "replaced");
    }

    private static Observation observed(Request... requests) {
        return Observation.of(List.of(requests), CLIENT, "namespace", GRACE);
    }

    private static Request eviction(String user, int code, int second, String body) {
        return request(user, "create", "pods", "eviction", "pod", code, second, body);
    }

    private static Request patch(String node, String body) {
        return request(CLIENT, "patch", "nodes", "", node, 200, 1, body);
    }

    private static Request request(
            String user,
            String verb,
            String resource,
            String subresource,
            String name,
            int code,
            int second,
            String body) {
        Instant at = START.plusSeconds(second);
        try {
            return new Request(
                    user,
                    verb,
                    resource,
                    subresource,
                    "namespace",
                    name,
                    code,
                    at,
                    at,
                    "/",
                    "allow",
                    body.isEmpty() ? MissingNode.getInstance() : JSON.readTree(body));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(body, e);
        }
    }
}
