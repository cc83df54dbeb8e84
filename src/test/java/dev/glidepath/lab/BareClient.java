package dev.glidepath.lab;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.core.ConditionTimeoutException;

/**
 * The Go program in {@code lab/bareclient}, as a process: it informs itself about all pods, and patches nodes or evicts pods when it is
 * told to, as many at once as it may. Whatever does more than that is measured against it.
 */
public final class BareClient implements AutoCloseable {
    private static final String NAME = "bareclient";
    private static final Duration START = Duration.ofMinutes(1);

    private final LabFolder folder = LabFolder.create();
    private final Children children = new Children(folder.path());
    private final AtExit atExit = new AtExit(this::close);
    private final String user;

    /**
     * Starts it for the nodes and the pods of that cluster, as a ServiceAccount of its own that may do everything, and waits until it knows
     * the pods. Builds it first when it is not there yet, which takes seconds.
     */
    public static BareClient start(ControlPlane plane, TestCluster cluster) {
        BareClient client = new BareClient(AuditLog.serviceAccount(cluster.namespace(), NAME));
        try {
            client.run(plane, cluster);
            client.awaitWord("ready", START);
        } catch (RuntimeException failed) {
            client.close();
            throw failed;
        }
        return client;
    }

    private BareClient(String user) {
        this.user = user;
    }

    /** As whom the API server knows it. */
    public String user() {
        return user;
    }

    /** Of its process. */
    public long pid() {
        return children.get(NAME).pid();
    }

    /** Makes it patch all nodes, and does not wait. */
    public void cordon() {
        say("cordon");
    }

    /** Makes it evict all pods, and does not wait. */
    public void evict() {
        say("evict");
    }

    /**
     * Makes it list all nodes in pages, and waits for that.
     *
     * @param expected how many there are
     * @return how many milliseconds it took
     * @throws IllegalStateException when it lists others than these
     */
    public long list(int expected) {
        say("list");
        awaitWord("listed", START);
        String[] said = output().lines()
                .filter(line -> line.startsWith("listed "))
                .findFirst()
                .orElseThrow()
                .split(" ", -1);
        if (Integer.parseInt(said[1]) != expected) {
            throw new IllegalStateException("the bare client lists %s nodes, not %d".formatted(said[1], expected));
        }
        return Long.parseLong(said[2]);
    }

    /** Waits until it says that all nodes are patched. */
    public void awaitCordoned(Duration limit) {
        awaitWord("cordoned", limit);
    }

    /** Waits until it says that all pods are evicted. */
    public void awaitEvicted(Duration limit) {
        awaitWord("evicted", limit);
    }

    /** Calling it twice is safe. */
    @Override
    public synchronized void close() {
        atExit.close();
        children.close();
        folder.close();
    }

    private void run(ControlPlane plane, TestCluster cluster) {
        children.start(
                NAME,
                List.of(
                        binary().toString(),
                        "-kubeconfig=" + kubeconfig(plane, cluster.namespace()),
                        "-namespace=" + cluster.namespace(),
                        "-nodes=" + TestCluster.LABEL + "=" + cluster.namespace()));
    }

    /** Not the admin's, whom the API server lets pass before all others. */
    private static Path kubeconfig(ControlPlane plane, String namespace) {
        plane.client()
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(NAME)
                        .endMetadata()
                        .build())
                .create();
        plane.client()
                .resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName(namespace + "-" + NAME)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "cluster-admin")
                        .addNewSubject(null, "ServiceAccount", NAME, namespace)
                        .build())
                .create();
        return plane.kubeconfigFor(namespace, NAME);
    }

    private void say(String word) {
        try {
            var input = children.get(NAME).getOutputStream();
            input.write((word + "\n").getBytes(StandardCharsets.US_ASCII));
            input.flush();
        } catch (IOException ended) {
            throw new UncheckedIOException("it ended: " + children.tail(NAME), ended);
        }
    }

    private void awaitWord(String word, Duration limit) {
        try {
            await().atMost(limit).pollInterval(Duration.ofMillis(50)).until(() -> {
                children.checkAlive();
                return output().lines().anyMatch(line -> line.startsWith(word + " "));
            });
        } catch (ConditionTimeoutException late) {
            throw new IllegalStateException(
                    "the bare client has not %s after %d s:%n%s"
                            .formatted(word, limit.toSeconds(), children.tail(NAME)),
                    late);
        }
    }

    private String output() {
        try {
            return Files.readString(children.log(NAME));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Path binary() {
        return Binaries.printedBy("bareclient/build");
    }
}
