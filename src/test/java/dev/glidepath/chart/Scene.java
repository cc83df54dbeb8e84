package dev.glidepath.chart;

import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.Chart;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestQueue;
import java.time.Clock;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A cluster, a queue and a daemon of one deed's own; the daemon may do what its chart's roles grant. */
record Scene(
        ControlPlane plane,
        Chart rights,
        TestCluster cluster,
        LabNode doomed,
        TestQueue queue,
        AutoScalingStandIn autoScaling,
        DaemonProcess daemon,
        AuditLog.Mark mark)
        implements AutoCloseable {

    /** With two nodes, and the daemon started. */
    static Scene with(UnaryOperator<Chart> change) {
        ControlPlane plane = ControlPlane.shared();
        TestCluster cluster = TestCluster.create(plane);
        LabNode doomed = cluster.node("doomed");
        cluster.node("other");
        Chart rights =
                change.apply(Chart.renderedIn(cluster.namespace(), Map.of()).rights());
        plane.create(rights);
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
        return new Scene(plane, rights, cluster, doomed, queue, autoScaling, daemon, mark);
    }

    /** What the daemon has asked the API server for. */
    Stream<AuditLog.Request> calls() {
        return plane.audit().since(mark).stream()
                .filter(AuditLog.by(AuditLog.serviceAccount(cluster.namespace(), Chart.NAME)));
    }

    @Override
    public void close() {
        daemon.close();
        autoScaling.close();
        plane.delete(rights);
        cluster.close();
    }
}
