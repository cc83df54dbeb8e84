package dev.glidepath.lab;

import static dev.glidepath.lab.AuditLog.by;
import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.EvictionBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The lab keeps what it says; tests that stand on it need not check it again. */
class ControlPlaneIT {
    private final ControlPlane plane = ControlPlane.shared();
    private TestCluster cluster;

    @BeforeEach
    void makeCluster() {
        cluster = TestCluster.create(plane);
    }

    @AfterEach
    void deleteCluster() {
        cluster.close();
    }

    @Test
    void nodesAreReadyOnAnInstanceOfTheirOwn() {
        var nodes = cluster.nodes("a", "b");

        assertThat(nodes).extracting(LabNode::instance).doesNotHaveDuplicates();
        assertThat(nodes).map(cluster::live).allSatisfy(node -> {
            assertThat(Readiness.getInstance().isReady(node)).isTrue();
            assertThat(node.getSpec().getProviderID()).matches("aws:///eu-west-1a/i-[0-9a-f]{17}");
        });
    }

    @Test
    void allPodsStartWhereTheyAreToldAndAreReplacedAnywhere() {
        var first = cluster.node("first");
        var other = cluster.node("other");
        var web = cluster.deployment("web").replicas(3).createOn(first);
        var agents = cluster.daemonSet("agent").create();
        var bare = cluster.pod("bare").on(other).create();

        cluster.cordon(first);
        web.podsOn(first).forEach(pod -> evict(pod, pod.getMetadata().getUid()));
        await().atMost(ofMinutes(2)).until(() -> web.podsOn(first).isEmpty());

        assertThat(web.awaitReady().podsOn(other)).hasSize(3);
        assertThat(agents.pods()).hasSize(2);
        assertThat(bare.podsOn(other)).hasSize(1);
    }

    @Test
    void evictionHonoursTheUidItIsGiven() {
        cluster.node("a");
        var pod = cluster.pod("one").create().pods().getFirst();

        assertThat(codeOf(() -> evict(pod, "00000000-0000-0000-0000-000000000000")))
                .isEqualTo(409);
        assertThat(codeOf(() -> evict(pod, pod.getMetadata().getUid()))).isEqualTo(201);
    }

    @Test
    void budgetRefusesInWords() {
        cluster.node("a");
        var web = cluster.deployment("web").replicas(2).create();
        cluster.budget("web-budget", web).minAvailable(2);
        var pod = web.pods().getFirst();

        var refusal = catchThrowableOfType(
                KubernetesClientException.class,
                () -> evict(pod, pod.getMetadata().getUid()));

        assertThat(refusal.getCode()).isEqualTo(429);
        assertThat(refusal.getStatus().getDetails().getCauses()).singleElement().satisfies(cause -> {
            assertThat(cause.getReason()).isEqualTo("DisruptionBudget");
            assertThat(cause.getMessage())
                    .isEqualTo("The disruption budget web-budget needs 2 healthy pods and has 2 currently");
        });
    }

    @Test
    void daemonsAccountMayEvict() {
        cluster.node("a");
        var pod = cluster.pod("one").create().pods().getFirst();
        try (var daemon = clientOf("glidepath", "glidepath")) {
            assertThat(codeOf(() -> evict(daemon, pod, pod.getMetadata().getUid())))
                    .isEqualTo(201);
        }
    }

    @Test
    void auditLogCountsByUserVerbAndResource() {
        cluster.node("a");
        var web = cluster.deployment("web").replicas(3).create();
        var mark = plane.audit().mark();
        try (var daemon = clientOf("glidepath", "glidepath")) {
            web.pods().forEach(pod -> evict(daemon, pod, pod.getMetadata().getUid()));
        }

        var daemons = plane.audit().since(mark).stream()
                .filter(by(AuditLog.serviceAccount("glidepath", "glidepath")))
                .toList();
        assertThat(daemons).hasSize(3).allMatch(to("create", "pods/eviction")).allSatisfy(request -> {
            assertThat(request.code()).isEqualTo(201);
            assertThat(request.namespace()).isEqualTo(cluster.namespace());
            assertThat(request.decision()).isEqualTo("allow");
        });
        assertThat(plane.audit().since(mark)).anyMatch(to("list", "pods").and(by("admin")));
    }

    @Test
    void auditLogCountsWhatIsWrittenToLeases() {
        var mark = plane.audit().mark();
        var lease = cluster.client()
                .resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withName(cluster.namespace())
                        .withNamespace("glidepath")
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity("somebody")
                        .endSpec()
                        .build());

        lease.create();
        lease.delete();

        assertThat(plane.audit().since(mark))
                .filteredOn(request -> request.resource().equals("leases")
                        && request.namespace().equals("glidepath")
                        && request.name().equals(cluster.namespace()))
                .extracting(AuditLog.Request::verb)
                .containsExactly("create", "delete");
    }

    @Test
    void podsAreReadyAndGoneWhenTheyAreToldTo() {
        cluster.node("a");
        var slow = cluster.pod("slow")
                .readyAfter(ofSeconds(8))
                .exitAfter(ofMillis(1500))
                .submit();
        var stubborn = cluster.pod("stubborn")
                .exitAfter(ofSeconds(60))
                .grace(ofSeconds(3))
                .create();

        await().atMost(ofMinutes(2))
                .until(() -> slow.pods().getFirst().getStatus().getPhase().equals("Running"));
        assertThat(slow.pods()).noneMatch(Readiness::isPodReady);
        slow.awaitReady();
        assertThat(fromStartToReady(slow.pods().getFirst())).isBetween(ofSeconds(7), ofSeconds(40));

        assertThat(timeToGo(slow)).isBetween(ofMillis(1400), ofSeconds(30));
        assertThat(timeToGo(stubborn)).isBetween(ofMillis(1900), ofSeconds(50)); // deletion times are whole seconds
    }

    @Test
    void nodeIsReadyOrNotAsItIsTold() {
        var node = cluster.node("a");
        var before = Instant.now().minusSeconds(1);

        cluster.notReady(node);

        var condition = readyOf(node);
        assertThat(condition.getStatus()).isEqualTo("Unknown");
        assertThat(Instant.parse(condition.getLastTransitionTime())).isAfter(before);
        await().atMost(ofMinutes(2))
                .untilAsserted(() -> assertThat(cluster.live(node).getSpec().getTaints())
                        .extracting(taint -> taint.getKey() + ":" + taint.getEffect())
                        .contains("node.kubernetes.io/unreachable:NoSchedule"));

        cluster.ready(node);
        await().atMost(ofMinutes(2))
                .until(() -> cluster.live(node).getSpec().getTaints().isEmpty());
    }

    @Test
    void nodeHasTheLabelsItIsGiven() {
        var node = cluster.node("a", Map.of("team", "web"));

        assertThat(cluster.live(node).getMetadata().getLabels())
                .containsEntry("team", "web")
                .containsEntry("kubernetes.io/hostname", node.name());
    }

    @Test
    void nodeThatRebootsIsReadyAndItsLeaseRenewedSinceThen() {
        var node = cluster.node("a");
        var before = Instant.now();
        var boot = bootOf(node);

        cluster.reboots(node);

        assertThat(readySince(node)).isAfter(before);
        assertThat(cluster.renewedAt(node)).isAfter(before);
        assertThat(bootOf(node)).isNotEqualTo(boot);
        assertThat(Readiness.getInstance().isReady(cluster.live(node))).isTrue();
    }

    @Test
    void podThatHangsIsThereLongAfterItsGrace() {
        cluster.node("a");
        var pod = cluster.pod("deaf").hangs().grace(ofSeconds(1)).create();
        evict(pod.pods().getFirst(), pod.pods().getFirst().getMetadata().getUid());

        var endsBy = Instant.parse(pod.pods().getFirst().getMetadata().getDeletionTimestamp());
        await().atMost(ofMinutes(2)).until(() -> Instant.now().isAfter(endsBy.plusSeconds(3)));
        assertThat(pod.pods()).hasSize(1);

        cluster.client().resource(pod.pods().getFirst()).withGracePeriod(0).delete();
        await().atMost(ofMinutes(2)).until(() -> pod.pods().isEmpty());
    }

    @Test
    void podWithAFinalizerStaysWhenItsContainersHaveEnded() {
        cluster.node("a");
        var pod = cluster.pod("kept")
                .finalizer("lab/keep")
                .exitAfter(ofMillis(100))
                .create();
        evict(pod.pods().getFirst(), pod.pods().getFirst().getMetadata().getUid());

        await().atMost(ofMinutes(2))
                .until(() -> pod.pods().getFirst().getStatus().getContainerStatuses().stream()
                        .allMatch(container -> container.getState().getTerminated() != null));

        cluster.client().resource(pod.pods().getFirst()).edit(kept -> {
            kept.getMetadata().setFinalizers(null);
            return kept;
        });
        await().atMost(ofMinutes(2)).until(() -> pod.pods().isEmpty());
    }

    @Test
    void unavailabilityCountsThoseAwayAtOnce() {
        var node = cluster.node("a");
        var web = cluster.deployment("web")
                .replicas(4)
                .readyAfter(ofMillis(500))
                .exitAfter(ofMillis(200))
                .create();
        try (var seen = web.watchUnavailability()) {
            for (var pod : web.pods()) {
                evict(pod, pod.getMetadata().getUid());
                web.awaitReady();
            }
            assertThat(seen.mostAtOnce()).isEqualTo(1);

            cluster.cordon(node); // nothing replaces the first before the last is asked to go
            web.pods().stream()
                    .limit(3)
                    .forEach(pod -> evict(pod, pod.getMetadata().getUid()));
            assertThat(seen.mostAtOnce()).isEqualTo(3);
        }
    }

    @Test
    void closeLeavesNothingBehind() {
        var own = ControlPlane.start();
        var processes = own.processes();
        assertThat(processes).hasSize(5).allMatch(ProcessHandle::isAlive);

        own.close();

        assertThat(processes).noneMatch(ProcessHandle::isAlive);
        assertThat(own.folder()).doesNotExist();
    }

    @Test
    void processesOutliveTheThreadThatAskedForThemButNotTheJvm() throws IOException {
        var holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dlab.fork=" + System.getProperty("lab.fork", ""),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ControlPlaneHolder.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var lines = new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8))) {
            var said = lines.lines().limit(2).toList(); // less when it ended, because its control plane had
            assertThat(said).hasSize(2);
            var folder = Path.of(said.getFirst());
            var processes =
                    Stream.of(said.getLast().split(" ", -1)).map(Long::valueOf).toList();
            assertThat(processes).hasSize(5).allMatch(ControlPlaneIT::isRunning);

            holder.destroyForcibly(); // kill -9
            holder.onExit().join(); // and with it the lock on its folder is gone

            await().atMost(ofMinutes(2)).until(() -> processes.stream().noneMatch(ControlPlaneIT::isRunning));
            assertThat(folder).exists(); // nobody was left to delete it …
            LabFolder.create().close();
            assertThat(folder).doesNotExist(); // … but the next one to make a folder
        } finally {
            holder.destroyForcibly();
        }
    }

    private NodeCondition readyOf(LabNode node) {
        return cluster.live(node).getStatus().getConditions().stream()
                .filter(it -> it.getType().equals("Ready"))
                .findFirst()
                .orElseThrow();
    }

    private Instant readySince(LabNode node) {
        return Instant.parse(readyOf(node).getLastTransitionTime());
    }

    private String bootOf(LabNode node) {
        return cluster.live(node).getStatus().getNodeInfo().getBootID();
    }

    private void evict(Pod pod, String uid) {
        evict(cluster.client(), pod, uid);
    }

    private static void evict(KubernetesClient client, Pod pod, String uid) {
        var metadata = pod.getMetadata();
        var eviction = new EvictionBuilder()
                .withNewMetadata()
                .withName(metadata.getName())
                .withNamespace(metadata.getNamespace())
                .endMetadata()
                .withDeleteOptions(new DeleteOptionsBuilder()
                        .withNewPreconditions()
                        .withUid(uid)
                        .endPreconditions()
                        .build())
                .build();
        client.raw(
                "/api/v1/namespaces/%s/pods/%s/eviction".formatted(metadata.getNamespace(), metadata.getName()),
                "POST",
                eviction);
    }

    /** The HTTP status: of the error, or 201, since all that is asked here creates something when it works. */
    private static int codeOf(Runnable request) {
        try {
            request.run();
            return 201;
        } catch (KubernetesClientException e) {
            return e.getCode();
        }
    }

    /** By kwok's clock, in whole seconds. */
    private static Duration fromStartToReady(Pod pod) {
        var ready = pod.getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals("Ready"))
                .findFirst()
                .orElseThrow();
        return Duration.between(
                Instant.parse(pod.getStatus().getStartTime()), Instant.parse(ready.getLastTransitionTime()));
    }

    private Duration timeToGo(Workload workload) {
        var asked = Instant.now();
        workload.pods().forEach(pod -> evict(pod, pod.getMetadata().getUid()));
        await().atMost(ofMinutes(2))
                .pollInterval(ofMillis(50))
                .until(() -> workload.pods().isEmpty());
        return Duration.between(asked, Instant.now());
    }

    private KubernetesClient clientOf(String namespace, String serviceAccount) {
        try {
            var kubeconfig = Files.readString(plane.kubeconfigFor(namespace, serviceAccount));
            return new KubernetesClientBuilder()
                    .withConfig(Config.fromKubeconfig(kubeconfig))
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** There, and not a zombie that its new parent has not buried yet. */
    private static boolean isRunning(long pid) {
        return ProcessHandle.of(pid)
                .filter(process -> process.info().command().isPresent())
                .isPresent();
    }
}
