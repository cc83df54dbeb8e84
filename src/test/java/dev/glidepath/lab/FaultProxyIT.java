package dev.glidepath.lab;

import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.lab.FaultProxy.Request;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The proxy is not there, but for what it is told. */
class FaultProxyIT {
    private final ControlPlane plane = ControlPlane.shared();
    private final FaultProxy proxy = FaultProxy.before(plane);
    private final KubernetesClient client = proxy.clientOfDaemon();
    private final ApiServer apiServer = new ApiServer(client.getConfiguration());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private TestCluster cluster;

    @BeforeEach
    void makeCluster() {
        cluster = TestCluster.create(plane);
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        client.close();
        proxy.close();
        cluster.close();
    }

    @Test
    void passesRequestsOnWithTheCallersRights() throws IOException, InterruptedException {
        AuditLog.Mark mark = plane.audit().mark();

        assertThat(evict("none").code()).isEqualTo(404);

        assertThat(plane.audit().since(mark))
                .filteredOn(AuditLog.by(AuditLog.serviceAccount("glidepath", "glidepath")))
                .extracting(AuditLog.Request::code)
                .containsExactly(404);
    }

    @Test
    void informersSeeWhatChanges() {
        try (var nodes = client.nodes().inform()) {
            LabNode first = cluster.node("first");
            await().atMost(ofMinutes(2)).until(() -> sees(nodes, first));
            LabNode second = cluster.node("second");
            await().atMost(ofMinutes(2)).until(() -> sees(nodes, second));
        }
    }

    @Test
    void watchIsPassedOnAsItComes() throws IOException, InterruptedException {
        LabNode node = cluster.node("a");
        try (var events = apiServer.watch(
                "/api/v1/nodes?watch=true&resourceVersion=0&fieldSelector=metadata.name%3D" + node.name())) {
            var lines = new BufferedReader(new InputStreamReader(events, StandardCharsets.UTF_8));
            assertThat(lines.readLine()).contains("ADDED");

            cluster.cordon(node);

            assertThat(lines.readLine()).contains("MODIFIED");
        }
    }

    @Test
    void answersSoManyInTheServersStead() throws IOException, InterruptedException {
        AuditLog.Mark mark = plane.audit().mark();
        FaultProxy.Rule busy = proxy.on(Request::isEviction).times(2).answer(429, Map.of("Retry-After", "1"), "busy");

        assertThat(evict("none")).isEqualTo(new ApiServer.Answer(429, "busy", ofSeconds(1)));
        assertThat(evict("none")).isEqualTo(new ApiServer.Answer(429, "busy", ofSeconds(1)));
        assertThat(evict("none").code()).isEqualTo(404);

        assertThat(busy.met()).isEqualTo(2);
        assertThat(plane.audit().since(mark).stream().filter(to("create", "pods/eviction")))
                .hasSize(1);
    }

    @Test
    void delaysAndThenPassesOn() throws IOException, InterruptedException {
        proxy.on(Request::isEviction).passAfter(ofMillis(300));
        long began = System.nanoTime();

        assertThat(evict("none").code()).isEqualTo(404);

        assertThat(System.nanoTime() - began)
                .isGreaterThanOrEqualTo(ofMillis(300).toNanos());
    }

    @Test
    void dropsARequestUnheardAndAnAnswerUnread() {
        AuditLog.Mark mark = plane.audit().mark();
        FaultProxy.Rule drop = proxy.on(Request::isEviction).drop();
        assertThatIOException().isThrownBy(() -> evict("none"));
        assertThat(plane.audit().since(mark)).noneMatch(to("create", "pods/eviction"));

        drop.end();
        proxy.on(Request::isEviction).dropAnswer();
        assertThatIOException().isThrownBy(() -> evict("none"));
        assertThat(plane.audit().since(mark)).anyMatch(to("create", "pods/eviction"));
    }

    @Test
    void aTestHasAHandInARequestBetweenItsAnswerAndTheCaller() throws IOException, InterruptedException {
        List<String> order = new CopyOnWriteArrayList<>();
        proxy.on(Request::isEviction).meet((request, passage) -> {
            order.add("before " + request.method());
            passage.whenForwarded(status -> order.add("answered " + status));
            passage.forward();
            order.add("after");
            passage.giveBack();
        });

        assertThat(evict("none").code()).isEqualTo(404);

        assertThat(order).containsExactly("before POST", "answered 404", "after");
    }

    @Test
    void whatATestDoesNotGiveBackEndsUnanswered() {
        AuditLog.Mark mark = plane.audit().mark();
        proxy.on(Request::isEviction).meet((_, passage) -> passage.forward());

        assertThatIOException().isThrownBy(() -> evict("none"));

        assertThat(plane.audit().since(mark)).anyMatch(to("create", "pods/eviction"));
    }

    @Test
    void aListShowsHowThingsWere() throws IOException, InterruptedException {
        LabNode node = cluster.node("a");
        String before = client.nodes().list().getMetadata().getResourceVersion();
        cluster.cordon(node);
        FaultProxy.Rule past =
                proxy.on(request -> request.path().equals("/api/v1/nodes")).asOf(before);

        assertThat(listOf(node)).doesNotContain("\"unschedulable\":true");

        past.end();
        assertThat(listOf(node)).contains("\"unschedulable\":true");
    }

    @Test
    void whatIsWatchedThroughAValveStandsStillWhileItIsShut() throws Exception {
        Valve valve = new Valve();
        proxy.on(Request::isWatch).passThrough(valve);
        LabNode node = cluster.node("a");
        try (var events = watch(node)) {
            assertThat(events.readLine()).contains("ADDED");
            valve.shut();
            cluster.cordon(node);
            Future<String> next = threads.submit(events::readLine);
            cluster.uncordon(node);
            assertThat(next).isNotDone();

            valve.open();

            assertThat(next.get(1, TimeUnit.MINUTES)).contains("MODIFIED", "\"unschedulable\":true");
        }
    }

    @Test
    void changesBehindAShutValveStayUnseenAfterItIsOpenedAgain() throws IOException, InterruptedException {
        Valve valve = new Valve();
        proxy.on(Request::isWatch).passThrough(valve);
        LabNode node = cluster.node("a");
        try (var events = watch(node)) {
            assertThat(events.readLine()).contains("ADDED");
            valve.shut();
            cluster.cordon(node);
            cluster.uncordon(node);

            valve.openAnew();

            assertThat(events.readLine()).isNull();
        }
        assertThatExceptionOfType(ApiServer.Refused.class)
                .isThrownBy(() -> watch(node))
                .withMessageContaining("410");
        try (var events = watch(node)) {
            assertThat(events.readLine()).contains("ADDED");
        }
    }

    @Test
    void standsBeforeAQueueAsWell() {
        TestQueue queue = TestQueue.create();
        try (FaultProxy front = FaultProxy.before(TestQueue.endpoint());
                SqsClient sqs = TestQueue.newClient(front.endpoint())) {
            FaultProxy.Rule dropped = front.on(request -> request.action().equals("SendMessage"))
                    .times(1)
                    .drop();

            assertThatExceptionOfType(SdkClientException.class).isThrownBy(() -> send(sqs, queue));
            send(sqs, queue);

            assertThat(dropped.met()).isEqualTo(1);
            assertThat(queue.visible()).isEqualTo(1);
        }
    }

    private static void send(SqsClient sqs, TestQueue queue) {
        sqs.sendMessage(request -> request.queueUrl(queue.url().toString()).messageBody("one"));
    }

    private String listOf(LabNode node) throws IOException, InterruptedException {
        return apiServer
                .get("/api/v1/nodes?fieldSelector=metadata.name%3D" + node.name())
                .body();
    }

    private BufferedReader watch(LabNode node) throws IOException, InterruptedException {
        return new BufferedReader(new InputStreamReader(
                apiServer.watch(
                        "/api/v1/nodes?watch=true&resourceVersion=0&fieldSelector=metadata.name%3D" + node.name()),
                StandardCharsets.UTF_8));
    }

    private static boolean sees(SharedIndexInformer<Node> nodes, LabNode node) {
        return nodes.getStore().list().stream()
                .anyMatch(seen -> seen.getMetadata().getName().equals(node.name()));
    }

    private ApiServer.Answer evict(String pod) throws IOException, InterruptedException {
        return apiServer.post(
                "/api/v1/namespaces/%s/pods/%s/eviction".formatted(cluster.namespace(), pod),
                """
                {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "%s", "namespace": "%s"}}
                """.formatted(pod, cluster.namespace()));
    }
}
