package dev.glidepath.chart;

import static java.time.Duration.ofSeconds;

import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.Chart;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.LabVolume;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.lab.Workload;
import dev.glidepath.observe.LogEvent;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A cluster, a queue and a daemon for one capability. The daemon has the permissions of its chart's roles and no others. */
record TestSetup(
        ControlPlane plane,
        Chart permissions,
        TestCluster cluster,
        LabNode doomed,
        TestQueue queue,
        AutoScalingStandIn autoScaling,
        DaemonProcess daemon,
        AuditLog.Mark mark)
        implements AutoCloseable {

    /** With two nodes, and the daemon started. */
    static TestSetup with(UnaryOperator<Chart> change) {
        ControlPlane plane = ControlPlane.shared();
        TestCluster cluster = TestCluster.create(plane);
        LabNode doomed = cluster.node("doomed");
        cluster.node("other");
        Chart permissions =
                change.apply(Chart.renderedIn(cluster.namespace(), Map.of()).rights());
        plane.create(permissions);
        AuditLog.Mark mark = plane.audit().mark();
        TestQueue queue = TestQueue.create();
        AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
        DaemonProcess daemon = DaemonProcess.start(
                plane,
                queue,
                autoScaling,
                Map.of(
                        "KUBECONFIG",
                        plane.kubeconfigFor(cluster.namespace(), Chart.NAME).toString(),
                        "GLIDEPATH_POD_NAMESPACE",
                        cluster.namespace()));
        return new TestSetup(plane, permissions, cluster, doomed, queue, autoScaling, daemon, mark);
    }

    // What the daemon is given to do.

    void sendSpotNotice() {
        sendSpotNotice(Duration.ZERO);
    }

    /** Sends a notice that came 95 s ago, as soon as the daemon is ready: the last call of a pod is seconds away. */
    void sendSpotNoticeNearLastCall() {
        daemon.awaitReady();
        sendSpotNotice(ofSeconds(95));
    }

    private void sendSpotNotice(Duration ago) {
        queue.send(
                Announcement.spotInterruption(doomed.instance(), Instant.now().minus(ago)));
    }

    void createDeployment() {
        cluster.deployment("web").createOn(doomed);
    }

    /** Creates a pod that its budget never lets go, and that uses its whole grace period. */
    void createBlockedDeployment(Duration gracePeriod) {
        Workload stuck = cluster.deployment("stuck")
                .grace(gracePeriod)
                .exitAfter(ofSeconds(60))
                .createOn(doomed);
        cluster.budget("stuck", stuck).maxUnavailable(0);
    }

    void createBlockedJob() {
        cluster.client()
                .resource(new JobBuilder()
                        .withNewMetadata()
                        .withName("stuck")
                        .withNamespace(cluster.namespace())
                        .endMetadata()
                        .withNewSpec()
                        .withNewTemplate()
                        .withNewMetadata()
                        .addToLabels("app", "stuck")
                        .addToAnnotations("lab/exit-after", "60s")
                        .endMetadata()
                        .withNewSpec()
                        .withRestartPolicy("Never")
                        .withTerminationGracePeriodSeconds(10L)
                        .withNodeName(doomed.name())
                        .addNewContainer()
                        .withName("app")
                        .withImage("app")
                        .endContainer()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build())
                .create();
        Workload stuck = new Workload(cluster, "stuck", 1).awaitReady();
        cluster.budget("stuck", stuck).minAvailable(1);
    }

    void annotateNamespace(String key, String value) {
        cluster.client()
                .namespaces()
                .withName(cluster.namespace())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"annotations\": {\"%s\": \"%s\"}}}".formatted(key, value));
    }

    void terminateWithVolumeAttached() {
        autoScaling.addHook(Hook.of("workers", "drain"));
        LabVolume data =
                LabVolume.named(cluster, "data").createVolume().createClaim().awaitBound();
        cluster.pod("db").claim("data").on(doomed).create();
        data.attachTo(doomed);
        autoScaling.terminate("workers", doomed.instance(), queue);
    }

    // What the daemon has done.

    boolean hasLogged(LogEvent event) {
        return !daemon.told(event).isEmpty();
    }

    /** The requests of the daemon to the API server. */
    Stream<AuditLog.Request> requests() {
        return plane.audit().since(mark).stream()
                .filter(AuditLog.by(AuditLog.serviceAccount(cluster.namespace(), Chart.NAME)));
    }

    List<Pod> podsOnDoomed() {
        return cluster.podsOn(doomed);
    }

    boolean hasPublishedForDoomed(String reason) {
        return plane.client().v1().events().inNamespace("default").list().getItems().stream()
                .anyMatch(event -> event.getInvolvedObject().getName().equals(doomed.name())
                        && event.getReason().equals(reason));
    }

    boolean hasLeaseOfDaemon() {
        return plane.client()
                        .leases()
                        .inNamespace(cluster.namespace())
                        .withName(daemon.podName())
                        .get()
                != null;
    }

    /** Whether the last pod is gone for seconds, and the lifecycle action is not complete. */
    boolean isHeldAfterLastPod() {
        return podsOnDoomed().isEmpty()
                && daemon.told(LogEvent.POD_EVICTED).stream()
                        .anyMatch(line -> line.at().isBefore(Instant.now().minus(ofSeconds(5))))
                && autoScaling.calls().stream().noneMatch(call -> call.action().equals("CompleteLifecycleAction"));
    }

    @Override
    public void close() {
        daemon.close();
        autoScaling.close();
        plane.delete(permissions);
        cluster.close();
    }
}
