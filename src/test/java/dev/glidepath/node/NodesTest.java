package dev.glidepath.node;

import static dev.glidepath.lab.ScriptedApiServer.answer;
import static dev.glidepath.lab.ScriptedApiServer.noAnswer;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.event.InstanceId;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ScriptedApiServer;
import dev.glidepath.node.NodeSight.Gone;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.node.NodeSight.Present;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodesTest {
    private static final Duration LIMIT = ofMinutes(1);
    private static final InstanceId FIRST = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final InstanceId SECOND = new InstanceId("i-0a1b2c3d4e5f60002");
    private static final String EXPIRED =
            "{\"type\": \"ERROR\", \"object\": {\"kind\": \"Status\", \"apiVersion\": \"v1\","
                    + " \"status\": \"Failure\", \"reason\": \"Expired\", \"code\": 410, \"message\": \"too old\"}}";

    private final ScriptedApiServer server = new ScriptedApiServer();
    private final KubernetesClient client = server.client();
    private final Nodes nodes = new Nodes(Clients.watcher(client), NodeSelector.all());

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
            assertThat(nodes.sight(FIRST))
                    .isInstanceOfSatisfying(
                            Gone.class, gone -> assertThat(gone.name()).isEqualTo(new NodeName("ip-10-0-1-7")));
            assertThat(told).containsExactly(FIRST, FIRST, SECOND);
        });
    }

    @Test
    void whatWasWrittenCountsUntilTheWatchShowsItOrMore() {
        var watch = new ScriptedApiServer.Stream();
        server.onList(list(9, node(9, "seen"))).onWatch(watch);
        nodes.start(() -> {});
        await().atMost(LIMIT).until(nodes::isSynced);

        nodes.answered(node(12, "written"));

        assertThat(journalText()).isEqualTo("written");
        assertThat(nodes.all()).extracting(known -> known.node().journalText()).containsExactly("written");
        see(watch, node(10, "seen"));
        assertThat(journalText()).as("an older one is seen late").isEqualTo("written");
        nodes.answered(node(11, "answered late"));
        assertThat(journalText()).isEqualTo("written");

        see(watch, node(13, "of somebody else"));
        assertThat(journalText()).isEqualTo("of somebody else");
        nodes.answered(node(12, "written"));
        assertThat(journalText()).as("answered after it was seen").isEqualTo("of somebody else");
    }

    @Test
    void nodeThatIsDeletedIsGoneThoughItWasJustWrittenTo() {
        var watch = new ScriptedApiServer.Stream();
        server.onList(list(9, node(9, "seen"))).onWatch(watch);
        nodes.start(() -> {});
        await().atMost(LIMIT).until(nodes::isSynced);
        nodes.answered(node(12, "written"));

        watch.tell("{\"type\": \"DELETED\", \"object\": %s}".formatted(node(13, "written")));

        await().atMost(LIMIT).until(() -> nodes.sight(FIRST) instanceof Gone);
        nodes.answered(node(12, "written"));
        assertThat(nodes.sight(FIRST)).isInstanceOf(Gone.class);
    }

    /** The instance has registered anew, and the answer about its former node comes late. */
    @Test
    void ownWriteCountsThoughAnotherNameWasWrittenBefore() {
        var watch = new ScriptedApiServer.Stream();
        server.onList(list(9, node(9, "seen"))).onWatch(watch);
        nodes.start(() -> {});
        await().atMost(LIMIT).until(nodes::isSynced);
        watch.tell("{\"type\": \"DELETED\", \"object\": %s}".formatted(node(13, "seen")));
        await().atMost(LIMIT).until(() -> nodes.sight(FIRST) instanceof Gone);
        nodes.answered(node(12, "answered late"));

        nodes.answered(node(21, "written").replace("ip-10-0-1-7", "ip-10-0-1-9"));
        watch.tell("{\"type\": \"ADDED\", \"object\": %s}"
                .formatted(node(20, "seen").replace("ip-10-0-1-7", "ip-10-0-1-9")));

        await().atMost(LIMIT).until(() -> nodes.sight(FIRST) instanceof Present);
        assertThat(journalText()).isEqualTo("written");
    }

    /** The same in the other order: the answer about the former node comes last of all. */
    @Test
    void ownWriteCountsThoughALateAnswerIsAboutTheFormerNode() {
        var watch = new ScriptedApiServer.Stream();
        server.onList(list(9, node(9, "seen"))).onWatch(watch);
        nodes.start(() -> {});
        await().atMost(LIMIT).until(nodes::isSynced);
        watch.tell("{\"type\": \"DELETED\", \"object\": %s}".formatted(node(13, "seen")));
        await().atMost(LIMIT).until(() -> nodes.sight(FIRST) instanceof Gone);
        watch.tell("{\"type\": \"ADDED\", \"object\": %s}"
                .formatted(node(20, "seen").replace("ip-10-0-1-7", "ip-10-0-1-9")));
        await().atMost(LIMIT).until(() -> nodes.sight(FIRST) instanceof Present);

        nodes.answered(node(21, "written").replace("ip-10-0-1-7", "ip-10-0-1-9"));
        nodes.answered(node(12, "answered late"));

        assertThat(journalText()).isEqualTo("written");
    }

    /** The instance registers under another name before its former node is deleted. */
    @Test
    void whatWasWrittenToANodeCountsThoughItsFormerNodeIsDeletedLater() {
        var watch = new ScriptedApiServer.Stream();
        server.onList(list(9, node(9, "seen"))).onWatch(watch);
        nodes.start(() -> {});
        await().atMost(LIMIT).until(nodes::isSynced);
        watch.tell("{\"type\": \"ADDED\", \"object\": %s}"
                .formatted(node(20, "seen").replace("ip-10-0-1-7", "ip-10-0-1-9")));
        await().atMost(LIMIT).until(() -> nodes.all().size() == 2);

        nodes.answered(node(21, "written").replace("ip-10-0-1-7", "ip-10-0-1-9"));
        watch.tell("{\"type\": \"DELETED\", \"object\": %s}".formatted(node(22, "seen")));

        await().atMost(LIMIT).until(() -> nodes.all().size() == 1);
        assertThat(journalText()).isEqualTo("written");
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

    /** Without a provider id that can be read, by what else names the instance; as JSON, for which quotes are single here. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'metadata': {'name': 'a'}, 'spec': {'providerID': 'i-0a1b2c3d4e5f60001'}}",
                "{'metadata': {'name': 'i-0a1b2c3d4e5f60001'}, 'spec': {}}",
                "{'metadata': {'name': 'a', 'labels': {'alpha.eksctl.io/instance-id': 'i-0a1b2c3d4e5f60001'}}, 'spec':"
                        + " {'providerID': 'k3s://a'}}",
                "{'metadata': {'name': 'a', 'annotations': {'csi.volume.kubernetes.io/nodeid':"
                        + " '{\\'ebs.csi.aws.com\\':\\'i-0a1b2c3d4e5f60001\\'}'}}}",
            })
    void findsWhatIsNamedOtherwise(String node) {
        server.onList(list(9, node.replace('\'', '"')));
        nodes.start(() -> {});
        await().atMost(LIMIT).until(nodes::isSynced);

        assertThat(nodes.sight(FIRST)).isInstanceOf(Present.class);
        assertThat(nodes.all()).extracting(Nodes.Known::instance).containsExactly(FIRST);
        assertThat(nodes.hasSeen(FIRST)).isTrue();
    }

    /** A kubelet may write its own annotations: it neither draws another's departure on itself nor diverts it. */
    @Test
    void whatNamesAnInstanceThatIsAnothersByItsProviderIdIsNoNodeOfIt() {
        String claims = """
            {"metadata": {"name": "a-claims", "labels": {"alpha.eksctl.io/instance-id": "%s"}}, "spec": {}}\
            """.formatted(FIRST);
        var watch = new ScriptedApiServer.Stream();
        server.onList(list(9, claims + ", " + node(9, "seen"))).onWatch(watch);
        nodes.start(() -> {});
        await().atMost(LIMIT).until(nodes::isSynced);

        assertThat(nodes.of(FIRST))
                .singleElement()
                .satisfies(node -> assertThat(node.name()).hasToString("ip-10-0-1-7"));
        assertThat(nodes.all()).hasSize(1);

        watch.tell("{\"type\": \"DELETED\", \"object\": %s}".formatted(node(13, "seen")));

        await().atMost(LIMIT).until(() -> nodes.of(FIRST).isEmpty());
        assertThat(nodes.sight(FIRST)).isInstanceOf(Gone.class);
    }

    @Test
    void countsReadyNodesThatNameNone() {
        String ready = "\"status\": {\"conditions\": [{\"type\": \"Ready\", \"status\": \"True\"}]}";
        server.onList(list(9, """
            {"metadata": {"name": "a"}, "spec": {}, READY}, {"metadata": {"name": "b"}, "spec": {"providerID": "k3s://b"}, READY},
            {"metadata": {"name": "c"}, "spec": {}}, {"metadata": {"name": "d"}, "spec": {"providerID": "aws:///z/%s"}, READY},
            {"metadata": {"name": "e"}, "spec": {"providerID": "aws:///z/x/fargate-ip-10-0-1-7"}, READY}\
            """.formatted(FIRST).replace("READY", ready)));
        nodes.start(() -> {});
        await().atMost(LIMIT).until(nodes::isSynced);

        assertThat(nodes.nameless()).isEqualTo(2);
        assertThat(nodes.all()).hasSize(1);
    }

    @Test
    void sawNothingBeforeItStarts() {
        assertThat(nodes.isSynced()).isFalse();
        assertThat(nodes.all()).isEmpty();
        assertThat(nodes.sight(FIRST)).isEqualTo(new NeverSeen(Instant.MIN));
    }

    /** Its hook is another release's to complete. */
    @Test
    void nodeThatIsNotOursIsForgottenOnceItIsGone() {
        var watch = new ScriptedApiServer.Stream();
        server.onList(list(9, node(9, "seen"))).onWatch(watch);
        try (Nodes others = new Nodes(
                Clients.watcher(client), NodeSelector.parse("team=web").orElseThrow())) {
            others.start(() -> {});
            await().atMost(LIMIT).until(() -> others.sight(FIRST) instanceof Present);
            assertThat(others.hasSeen(FIRST)).isFalse();

            watch.tell("{\"type\": \"DELETED\", \"object\": %s}".formatted(node(13, "seen")));

            await().atMost(LIMIT).until(() -> others.sight(FIRST) instanceof NeverSeen);
        }
    }

    private String journalText() {
        return ((Present) nodes.sight(FIRST)).node().journalText();
    }

    /** And waits until it is seen: the one after it, of another instance, tells. */
    private void see(ScriptedApiServer.Stream watch, String node) {
        AtomicInteger told = new AtomicInteger();
        nodes.onChange(instance -> {
            if (instance.equals(SECOND)) {
                told.incrementAndGet();
            }
        });
        watch.tell("{\"type\": \"MODIFIED\", \"object\": %s}".formatted(node))
                .tell("{\"type\": \"MODIFIED\", \"object\": %s}"
                        .formatted(node.replace(FIRST.value(), SECOND.value()).replace("ip-10-0-1-7", "ip-10-0-1-8")));
        await().atMost(LIMIT).until(() -> told.get() > 0);
    }

    private static String node(int version, String journal) {
        return """
            {"apiVersion": "v1", "kind": "Node",
             "metadata": {"name": "ip-10-0-1-7", "uid": "u", "resourceVersion": "%d",
                          "annotations": {"glidepath.dev/departure": "%s"}},
             "spec": {"providerID": "aws:///eu-west-1a/%s"}}\
            """.formatted(version, journal, FIRST).replace('\n', ' ');
    }

    private static com.sun.net.httpserver.HttpHandler list(int version, String node) {
        return answer(200, """
            {"apiVersion": "v1", "kind": "NodeList", "metadata": {"resourceVersion": "%d"}, "items": [%s]}
            """.formatted(version, node));
    }

    /** A list of one node, of the same name whichever instance it is on. */
    private static com.sun.net.httpserver.HttpHandler list(int version, InstanceId instance) {
        return list(version, node(version, "").replace(FIRST.value(), instance.value()));
    }
}
