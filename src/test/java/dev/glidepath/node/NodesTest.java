package dev.glidepath.node;

import static dev.glidepath.lab.ScriptedApiServer.answer;
import static dev.glidepath.lab.ScriptedApiServer.noAnswer;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.InstanceId;
import dev.glidepath.lab.ScriptedApiServer;
import dev.glidepath.node.NodeSight.Gone;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.node.NodeSight.Present;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NodesTest {
    private static final Duration LIMIT = ofSeconds(30);
    private static final InstanceId FIRST = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final InstanceId SECOND = new InstanceId("i-0a1b2c3d4e5f60002");
    private static final String EXPIRED =
            "{\"type\": \"ERROR\", \"object\": {\"kind\": \"Status\", \"apiVersion\": \"v1\","
                    + " \"status\": \"Failure\", \"reason\": \"Expired\", \"code\": 410, \"message\": \"too old\"}}";

    private final ScriptedApiServer server = new ScriptedApiServer();
    private final KubernetesClient client = server.client();
    private final Nodes nodes = new Nodes(client);

    @AfterEach
    void close() {
        nodes.close();
        client.close();
        server.close();
    }

    @Test
    void firstListThatFailsIsTriedAgainUntilItSucceeds() {
        server.onList(noAnswer(), answer(500, ""), answer(403, ""), list(1, FIRST));
        AtomicInteger synced = new AtomicInteger();

        nodes.start(synced::incrementAndGet);
        assertThat(nodes.isSynced()).isFalse();

        await().atMost(LIMIT).until(() -> synced.get() > 0);
        assertThat(nodes.isSynced()).isTrue();
        assertThat(nodes.sight(FIRST)).isInstanceOf(Present.class);
        assertThat(synced).hasValue(1);
    }

    @Test
    void nodeMadeAnewUnderItsNameWhileNobodyWatchedIsGone() {
        var gap = new ScriptedApiServer.Stream();
        server.onList(list(1, FIRST), list(9, SECOND)).onWatch(gap);
        List<InstanceId> told = new CopyOnWriteArrayList<>();
        nodes.onChange(told::add);
        nodes.start(() -> {});
        await().atMost(LIMIT).until(() -> nodes.sight(FIRST) instanceof Present);

        gap.tell(EXPIRED);

        await().atMost(LIMIT).until(() -> nodes.sight(SECOND) instanceof Present);
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(nodes.sight(FIRST)).isEqualTo(new Gone(new NodeName("ip-10-0-1-7")));
            assertThat(told).containsExactly(FIRST, FIRST, SECOND);
        });
    }

    @Test
    void findsByLabelWhatIsOnEc2() {
        server.onList(answer(200, """
                {"apiVersion": "v1", "kind": "NodeList", "metadata": {"resourceVersion": "9"}, "items": [
                  {"metadata": {"name": "a", "labels": {"block": "cr-1"}}, "spec": {"providerID": "aws:///z/%s"}},
                  {"metadata": {"name": "b", "labels": {"block": "cr-2"}}, "spec": {"providerID": "aws:///z/%s"}},
                  {"metadata": {"name": "c", "labels": {"block": "cr-1"}}, "spec": {"providerID": "gce://p/z/%s"}},
                  {"metadata": {"name": "d", "labels": {"block": "cr-1"}}, "spec": {}}]}
                """.formatted(FIRST, SECOND, FIRST)));
        nodes.start(() -> {});
        await().atMost(LIMIT).until(nodes::isSynced);

        assertThat(nodes.labelled("block", "cr-1")).containsExactly(FIRST);
        assertThat(nodes.labelled("block", "cr-3")).isEmpty();
        assertThat(nodes.labelled("pool", "cr-1")).isEmpty();
        assertThat(nodes.all()).extracting(Nodes.Known::instance).containsExactlyInAnyOrder(FIRST, SECOND);
        assertThat(nodes.sight(FIRST))
                .isInstanceOfSatisfying(
                        Present.class,
                        present -> assertThat(present.node().name()).hasToString("a"));
    }

    @Test
    void sawNothingBeforeItStarts() {
        assertThat(nodes.isSynced()).isFalse();
        assertThat(nodes.all()).isEmpty();
        assertThat(nodes.sight(FIRST)).isEqualTo(new NeverSeen());
    }

    /** A list of one node, of the same name whichever instance it is on. */
    private static com.sun.net.httpserver.HttpHandler list(int version, InstanceId instance) {
        return answer(200, """
                {"apiVersion": "v1", "kind": "NodeList", "metadata": {"resourceVersion": "%d"}, "items": [
                  {"apiVersion": "v1", "kind": "Node",
                   "metadata": {"name": "ip-10-0-1-7", "uid": "%s", "resourceVersion": "%d"},
                   "spec": {"providerID": "aws:///eu-west-1a/%s"}}]}
                """.formatted(version, instance, version, instance));
    }
}
