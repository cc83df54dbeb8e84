package dev.glidepath.points;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.lab.FaultProxy.Request;
import dev.glidepath.node.Journal;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RequestsTest {
    private static final String NODE = "/api/v1/nodes/test-1a2b3c4d-doomed";

    private final Requests requests = new Requests();

    @Test
    void aWriteToANodeIsNamedForWhatItDoes() {
        assertThat(named("PATCH", NODE, """
                [{"op": "test", "path": "/spec/taints", "value": null}, {"op": "add", "path": "/spec/taints", "value": []}]""")).isEqualTo("cordon doomed 1");
        assertThat(named("PATCH", NODE, """
                [{"op": "test", "path": "/spec/taints/0/key", "value": "x"}, {"op": "remove", "path": "/spec/taints/0"}]""")).isEqualTo("undo doomed 1");
        assertThat(named("PATCH", NODE, journal(Journal.State.SETTLED))).isEqualTo("settle doomed 1");
        assertThat(named("PATCH", NODE, journal(Journal.State.OPEN))).isEqualTo("rejournal doomed 1");
    }

    @Test
    void aRequestAboutAPodIsNamedForItsWorkloadAndCounted() {
        assertThat(named("POST", "/api/v1/namespaces/test/pods/web-6f7d9-x2x7k/eviction", "{}"))
                .isEqualTo("evict web 1");
        assertThat(named("POST", "/api/v1/namespaces/test/pods/web-6f7d9-k9k9k/eviction", "{}"))
                .isEqualTo("evict web 2");
        assertThat(named("DELETE", "/api/v1/namespaces/test/pods/db-0", "")).isEqualTo("delete db 1");
        assertThat(named("PATCH", "/api/v1/namespaces/test/pods/idle/status", "{}"))
                .isEqualTo("mark idle 1");
    }

    @Test
    void aRequestToAutoScalingIsNamedForItsHook() {
        assertThat(named(
                        "POST",
                        "/",
                        "Action=CompleteLifecycleAction&LifecycleHookName=drain&AutoScalingGroupName=workers"))
                .isEqualTo("complete drain 1");
        assertThat(named("POST", "/", "Action=RecordLifecycleActionHeartbeat&LifecycleHookName=drain"))
                .isEqualTo("heartbeat drain 1");
    }

    @Test
    void aDeletionOfMessagesIsOneHoweverManyThereAre() {
        assertThat(requests.note(new Request("POST", "/", "", "DeleteMessageBatch", "{}")))
                .hasToString("Optional[delete messages 1]");
    }

    @Test
    void whatChangesNothingOrComesByTheClockIsNoPoint() {
        assertThat(Requests.changes(new Request("GET", NODE, "", "", ""))).isFalse();
        assertThat(Requests.changes(new Request("GET", "/api/v1/nodes", "watch=true", "", "")))
                .isFalse();
        assertThat(Requests.changes(new Request(
                        "PATCH", "/apis/coordination.k8s.io/v1/namespaces/glidepath/leases/one", "", "", "{}")))
                .isFalse();
        assertThat(Requests.changes(new Request("POST", "/api/v1/namespaces/default/events", "", "", "{}")))
                .isFalse();
        assertThat(Requests.changes(new Request("POST", "/", "", "ChangeMessageVisibilityBatch", "{}")))
                .isFalse();
        assertThat(Requests.changes(new Request("POST", "/", "", "", "Action=DescribeLifecycleHooks")))
                .isFalse();
    }

    @Test
    void aTryOfItsOwnPermissionsIsNoPoint() {
        assertThat(Requests.changes(new Request(
                        "POST",
                        "/",
                        "",
                        "",
                        "Action=CompleteLifecycleAction&AutoScalingGroupName=glidepath-permission-check")))
                .isFalse();
        assertThat(Requests.changes(new Request(
                        "POST", "/", "", "DeleteMessage", "{\"ReceiptHandle\": \"glidepath-permission-check\"}")))
                .isFalse();
    }

    @Test
    void ofManyRequestsAboutOneObjectTheFirstArePoints() {
        IntStream.range(0, 9).forEach(_ -> named("POST", "/api/v1/namespaces/test/pods/held-1-2/eviction", "{}"));

        assertThat(requests.all()).hasSize(9);
        assertThat(requests.points())
                .extracting(Point::toString)
                .containsExactly("evict held 1", "evict held 2", "evict held 3");
    }

    private String named(String method, String path, String body) {
        return requests.note(new Request(method, path, "", "", body))
                .orElseThrow()
                .toString();
    }

    private static String journal(Journal.State state) {
        String text =
                Journal.empty(Instant.parse("2026-01-01T00:00:00Z")).in(state).text();
        return """
                [{"op": "add", "path": "/metadata/annotations/glidepath.dev~1departure", "value": "%s"}]""".formatted(text.replace("\"", "\\\""));
    }
}
