package dev.glidepath.lab;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.awaitility.core.ConditionTimeoutException;

/** The five programs with the flags they are started with, and the folder they read from and write to. */
final class Programs implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(3);

    private final Binaries binaries;
    private final Optional<Path> keptAuditLog;
    private final List<String> serverOptions;
    private final Ports ports = Ports.free();
    private final LabFolder folder = LabFolder.create();
    private final Children children = new Children(folder.path());
    private final AtExit atExit = new AtExit(this::close);

    /**
     * @param keptAuditLog a file for what the API server was asked for, which stays; without it that is a file of the folder
     * @param serverOptions of kube-apiserver, beside those it needs
     */
    Programs(Binaries binaries, Optional<Path> keptAuditLog, List<String> serverOptions) {
        this.binaries = binaries;
        this.keptAuditLog = keptAuditLog;
        this.serverOptions = serverOptions;
    }

    /** Starts etcd and the API server, and waits until the latter listens. It may not be ready yet. */
    void startServer() {
        var tokens = write("tokens.csv", """
                admin,admin,1,system:masters
                kube-controller-manager,system:kube-controller-manager,2,system:masters
                kube-scheduler,system:kube-scheduler,3,system:masters
                kwok,kwok,4,system:masters
                """);
        var keys = newSigningKeys();
        write("service-accounts.key", pem("PRIVATE KEY", keys.getPrivate()));
        write("service-accounts.pub", pem("PUBLIC KEY", keys.getPublic()));
        start(
                "etcd",
                binaries.etcd(),
                List.of(
                        "--data-dir=" + file("etcd"),
                        "--unsafe-no-fsync",
                        "--log-level=warn",
                        "--listen-client-urls=" + ports.etcdUrl(),
                        "--advertise-client-urls=" + ports.etcdUrl(),
                        "--listen-peer-urls=" + ports.etcdPeersUrl(),
                        "--initial-advertise-peer-urls=" + ports.etcdPeersUrl(),
                        "--initial-cluster=default=" + ports.etcdPeersUrl()));
        List<String> flags = new ArrayList<>(serverOptions);
        flags.addAll(List.of(
                "--etcd-servers=" + ports.etcdUrl(),
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--secure-port=" + ports.server(),
                "--cert-dir=" + folder(),
                "--authorization-mode=RBAC",
                "--token-auth-file=" + tokens,
                "--service-account-issuer=https://lab.invalid",
                "--service-account-key-file=" + file("service-accounts.pub"),
                "--service-account-signing-key-file=" + file("service-accounts.key"),
                "--service-cluster-ip-range=10.0.0.0/16",
                "--endpoint-reconciler-type=none",
                "--audit-policy-file=" + binaries.lab().resolve("audit-policy.yaml"),
                "--audit-log-path=" + auditLog(),
                "--audit-log-maxsize=0")); // never rotated: a mark is a position in the one file
        start("kube-apiserver", flags);
        awaitUp("kube-apiserver", this::isListening);
    }

    /** Starts the programs that need an API server which serves. */
    void startControllers() {
        start(
                "kube-controller-manager",
                List.of(
                        "--kubeconfig=" + kubeconfigOf("kube-controller-manager"),
                        "--secure-port=0",
                        "--leader-elect=false",
                        "--service-account-private-key-file=" + file("service-accounts.key"),
                        "--root-ca-file=" + certificate(),
                        "--use-service-account-credentials",
                        "--kube-api-qps=1000",
                        "--kube-api-burst=2000",
                        "--controllers=*,-cloud-node-lifecycle-controller,-service-lb-controller,-node-route-controller"));
        start(
                "kube-scheduler",
                List.of(
                        "--secure-port=0",
                        "--config=" + write("scheduler.yaml", """
                        apiVersion: kubescheduler.config.k8s.io/v1
                        kind: KubeSchedulerConfiguration
                        leaderElection: {leaderElect: false}
                        clientConnection: {kubeconfig: %s, qps: 1000, burst: 2000}
                        """.formatted(kubeconfigOf("kube-scheduler")))));
        start(
                "kwok",
                List.of(
                        "--kubeconfig=" + kubeconfigOf("kwok"),
                        "--manage-all-nodes",
                        "--node-lease-duration-seconds=40",
                        "--config=" + binaries.lab().resolve("kwok-stages.yaml")));
    }

    /** @throws IllegalStateException when a program has ended, or this one is not up in time; with the tail of its log */
    void awaitUp(String program, Callable<Boolean> isUp) {
        try {
            await().atMost(START_LIMIT)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(50, MILLISECONDS)
                    .until(() -> {
                        children.checkAlive();
                        return isUp.call();
                    });
        } catch (ConditionTimeoutException e) {
            throw new IllegalStateException(
                    "%s is not up after %d s:%n%s".formatted(program, START_LIMIT.toSeconds(), children.tail(program)),
                    e);
        }
    }

    Path folder() {
        return folder.path();
    }

    String server() {
        return ports.serverUrl();
    }

    /** Self-signed by the API server when it starts, so it is the authority to trust as well. */
    Path certificate() {
        return file("apiserver.crt");
    }

    Path auditLog() {
        return keptAuditLog.orElseGet(() -> file("audit.log"));
    }

    /** @param user one of {@code tokens.csv}, where the token is the user's name */
    Path kubeconfigOf(String user) {
        return new Kubeconfig(server(), certificate(), user).writeTo(file(user + ".kubeconfig"));
    }

    List<ProcessHandle> processes() {
        return children.all();
    }

    ProcessHandle process(String program) {
        return children.get(program).toHandle();
    }

    ControlPlane.Paused pause(String program) {
        signal("STOP", program);
        return () -> signal("CONT", program);
    }

    private void signal(String signal, String program) {
        String pid = Long.toString(children.get(program).pid());
        try {
            int code = new ProcessBuilder("kill", "-" + signal, pid)
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IllegalStateException("no signal " + signal + " to " + program + ": " + code);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("there is no kill", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Kills them all and deletes the folder. Calling it twice is safe. */
    @Override
    public synchronized void close() {
        atExit.close();
        children.close();
        folder.close();
    }

    private boolean isListening() {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), ports.server())) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private void start(String name, List<String> flags) {
        start(name, binaries.folder().resolve(name), flags);
    }

    private void start(String name, Path program, List<String> flags) {
        var command = new ArrayList<String>();
        command.add(program.toString());
        command.addAll(flags);
        children.start(name, command);
    }

    /** Of ServiceAccount tokens. An elliptic curve, since an RSA key takes a noticeable part of the start. */
    private static KeyPair newSigningKeys() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has elliptic curves", e);
        }
    }

    private static String pem(String kind, Key key) {
        var body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
        return "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(kind, body, kind);
    }

    private Path write(String name, String text) {
        try {
            return Files.writeString(file(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file(name), e);
        }
    }

    private Path file(String name) {
        return folder().resolve(name);
    }

    /** Where they listen. */
    private record Ports(int etcd, int etcdPeers, int server) {
        static Ports free() {
            return new Ports(FreePort.any(), FreePort.any(), FreePort.any());
        }

        String etcdUrl() {
            return "http://127.0.0.1:" + etcd;
        }

        String etcdPeersUrl() {
            return "http://127.0.0.1:" + etcdPeers;
        }

        String serverUrl() {
            return "https://127.0.0.1:" + server;
        }
    }
}
