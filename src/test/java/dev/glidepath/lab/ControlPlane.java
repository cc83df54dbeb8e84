package dev.glidepath.lab;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Kubernetes control plane on loopback: etcd, kube-apiserver, kube-controller-manager and kube-scheduler as they ship, and kwok, which
 * plays the kubelets of whatever nodes one makes. Up in some seconds; nothing of it outlives this JVM.
 *
 * <p>All methods may be called from any thread.
 */
public final class ControlPlane implements AutoCloseable {
    private static final int ATTEMPTS = 3;

    private static @Nullable ControlPlane shared;

    private final Programs programs;
    private final KubernetesClient client;
    private final AuditLog audit;

    /**
     * Starts one and waits until it serves, its controllers run and the daemon's rights are granted as the chart grants them. Builds the
     * programs first when they are not there yet, which takes minutes.
     *
     * @param serverOptions of kube-apiserver, such as {@code --http2-max-streams-per-connection=20}, beside its own
     * @throws IllegalStateException when it does not come up, with the tail of the guilty program's log
     */
    public static ControlPlane start(String... serverOptions) {
        return start(Optional.empty(), List.of(serverOptions));
    }

    private static ControlPlane start(Optional<Path> auditLog, List<String> serverOptions) {
        var binaries = Binaries.find();
        for (int attempt = 1; ; attempt++) {
            var programs = new Programs(binaries, auditLog, serverOptions);
            try {
                return bringUp(programs);
            } catch (RuntimeException e) {
                programs.close();
                // Between our finding a free port and the server's taking it, somebody else may.
                boolean portTaken = String.valueOf(e.getMessage()).contains("address already in use");
                if (!portTaken || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /**
     * The one that all tests of this JVM share, started by the first who asks, which says on standard error how long it took, and closed
     * when the JVM ends (its HTTP client keeps the JVM from ending by itself: a main program says {@code System.exit}).
     *
     * @throws IllegalStateException as {@link #start(String...)}
     */
    public static synchronized ControlPlane shared() {
        if (shared == null) {
            var began = System.nanoTime();
            var plane = start(
                    keptAuditLogs()
                            .map(folder -> folder.resolve(
                                    "audit-" + ProcessHandle.current().pid() + ".log")),
                    List.of());
            System.err.printf(
                    "lab: control plane up in %.1f s%n",
                    Duration.ofNanos(System.nanoTime() - began).toMillis() / 1000.0);
            shared = plane;
        }
        return shared;
    }

    /**
     * The audit logs of the control planes that the tests of this run share: one for each JVM that ran some, where the system property
     * {@code glidepath.audit} names a folder in which they are kept; without it that of this JVM alone.
     */
    public static List<Path> auditLogs() {
        return keptAuditLogs()
                .map(ControlPlane::filesIn)
                .orElseGet(() -> List.of(shared().programs.auditLog()));
    }

    private static Optional<Path> keptAuditLogs() {
        return Optional.of(System.getProperty("glidepath.audit", ""))
                .filter(folder -> !folder.isEmpty())
                .map(Path::of);
    }

    private static List<Path> filesIn(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }

    private static ControlPlane bringUp(Programs programs) {
        programs.startServer();
        var plane = new ControlPlane(programs);
        try {
            programs.awaitUp("kube-apiserver", plane::isServing);
            programs.startControllers();
            plane.grantRights();
            programs.awaitUp("kube-controller-manager", plane::areControllersRunning);
        } catch (RuntimeException e) {
            plane.close();
            throw e;
        }
        return plane;
    }

    private ControlPlane(Programs programs) {
        this.programs = programs;
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl(programs.server())
                        .withCaCertFile(programs.certificate().toString())
                        .withOauthToken("admin")
                        .withRequestTimeout(60_000)
                        .withMaxConcurrentRequests(256)
                        .withMaxConcurrentRequestsPerHost(256)
                        .withRequestRetryBackoffLimit(0) // a 429 of a budget is an answer to see, not to retry
                        .build())
                .build();
        audit = new AuditLog(programs.auditLog(), client);
    }

    /** As admin; retries nothing by itself. Whoever closes it spoils it for all. */
    public KubernetesClient client() {
        return client;
    }

    /** A kubeconfig of the admin, valid as long as the control plane runs. */
    public Path adminKubeconfig() {
        return programs.kubeconfigOf("admin");
    }

    /** A kubeconfig that may do what the rights of that ServiceAccount allow, valid for an hour. Each call makes a new token. */
    public Path kubeconfigFor(String namespace, String serviceAccount) {
        return new Kubeconfig(server(), certificate(), tokenOf(namespace, serviceAccount))
                .writeTo(folder().resolve(namespace + "." + serviceAccount + ".kubeconfig"));
    }

    /** What a kubelet gives a container that runs as that ServiceAccount: where the API server is, and the files of its token. */
    public Map<String, String> inCluster(String namespace, String serviceAccount) {
        URI server = URI.create(server());
        try {
            Path token = Files.writeString(
                    folder().resolve(namespace + "." + serviceAccount + ".token"), tokenOf(namespace, serviceAccount));
            return Map.of(
                    "KUBERNETES_SERVICE_HOST", server.getHost(),
                    "KUBERNETES_SERVICE_PORT", Integer.toString(server.getPort()),
                    "KUBERNETES_AUTH_SERVICEACCOUNT_TOKEN", token.toString(),
                    "KUBERNETES_CERTS_CA_FILE", certificate().toString(),
                    "KUBERNETES_AUTH_TRYKUBECONFIG", "false");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes the chart's objects, as admin. */
    public void create(Chart chart) {
        objectsOf(chart).forEach(object -> client.resource(object).create());
    }

    /** Makes the objects that are there what these are. */
    public void update(Chart chart) {
        objectsOf(chart).forEach(object -> client.resource(object).update());
    }

    /** Takes them away again. */
    public void delete(Chart chart) {
        objectsOf(chart).forEach(object -> client.resource(object).delete());
    }

    private static Stream<HasMetadata> objectsOf(Chart chart) {
        return chart.objects().stream().map(object -> Serialization.unmarshal(object.toString(), HasMetadata.class));
    }

    /** Whom its clients trust. */
    Path certificate() {
        return programs.certificate();
    }

    /** A new token of that ServiceAccount, valid for an hour. */
    String tokenOf(String namespace, String serviceAccount) {
        var request = new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(3_600L)
                .endSpec()
                .build();
        return client.serviceAccounts()
                .inNamespace(namespace)
                .withName(serviceAccount)
                .tokenRequest(request)
                .getStatus()
                .getToken();
    }

    /** Who asked the API server for what. */
    public AuditLog audit() {
        return audit;
    }

    /** Where the API server listens, {@code https://127.0.0.1:…}. */
    public String server() {
        return programs.server();
    }

    /** Where the programs write, one {@code .log} each; deleted on close. */
    public Path folder() {
        return programs.folder();
    }

    /**
     * Stops the controllers in their tracks until it is closed: what they would put right at once, such as a budget's status,
     * stays as it is.
     */
    public Paused pauseControllers() {
        return programs.pause("kube-controller-manager");
    }

    /** Stops what plays the kubelets in its tracks until it is closed: no node and no pod is looked after. */
    public Paused pauseKubelets() {
        return programs.pause("kwok");
    }

    /** A program that does nothing; closing lets it go on. */
    public interface Paused extends AutoCloseable {
        @Override
        void close();
    }

    /** The five child processes. */
    public List<ProcessHandle> processes() {
        return programs.processes();
    }

    /** The one of them that answers requests. */
    public ProcessHandle apiServer() {
        return programs.process("kube-apiserver");
    }

    /** Kills all five and deletes the folder. Calling it twice is safe. */
    @Override
    public void close() {
        programs.close();
        client.close();
    }

    private boolean isServing() {
        try {
            return "ok".equals(client.raw("/readyz"));
        } catch (KubernetesClientException e) {
            return false; // not ready, and saying so
        }
    }

    /** Every namespace gets its default ServiceAccount from a controller. */
    private boolean areControllersRunning() {
        return client.serviceAccounts()
                        .inNamespace("glidepath")
                        .withName("default")
                        .get()
                != null;
    }

    /** The admission policy too: whatever the daemon does in tests is what that lets it do. */
    private void grantRights() {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(Chart.NAME)
                        .endMetadata()
                        .build())
                .create();
        create(Chart.rendered(Map.of("admissionPolicy.enabled", true)).rights());
    }
}
