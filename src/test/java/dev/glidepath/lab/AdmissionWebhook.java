package dev.glidepath.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfigurationBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A validating admission webhook for one resource in one namespace. It lets every update pass, and does something in the midst of it:
 * after the API server has read the object, and before it writes it; or it never answers. Known to the API server until it is closed.
 *
 * @see <a href="https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/">Dynamic admission
 *     control</a>
 */
public final class AdmissionWebhook implements AutoCloseable {
    private static final String PASSWORD = "changeit";

    private static final JsonMapper JSON = new JsonMapper();

    private final ControlPlane plane;
    private final Runnable inTheMidst;
    private final Runnable onClose;
    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ValidatingWebhookConfiguration configuration;

    /**
     * Begins to listen, and tells the API server, which takes a second or so to ask it.
     *
     * @param resource with its group, as {@code policy/poddisruptionbudgets/status}
     * @param inTheMidst must not update that resource, or it is called again for it
     */
    public static AdmissionWebhook onUpdatesOf(
            String resource, String namespace, ControlPlane plane, Runnable inTheMidst) {
        return new AdmissionWebhook(
                new Asked(resource, "UPDATE", "Ignore", 10), namespace, plane, inTheMidst, () -> {});
    }

    /**
     * Begins to listen, and tells the API server, which takes a second or so to ask it, and then waits for its answer as long as it
     * may: for half a minute.
     *
     * @param resource with its group, as {@code /pods/eviction}
     */
    public static AdmissionWebhook thatNeverAnswersToCreating(String resource, String namespace, ControlPlane plane) {
        CountDownLatch closed = new CountDownLatch(1);
        return new AdmissionWebhook(
                new Asked(resource, "CREATE", "Fail", 30), namespace, plane, () -> await(closed), closed::countDown);
    }

    /** What it is asked about, what its silence means, and after how long. */
    private record Asked(String resource, String operation, String failurePolicy, int timeoutSeconds) {}

    private AdmissionWebhook(Asked asked, String namespace, ControlPlane plane, Runnable inTheMidst, Runnable onClose) {
        this.plane = plane;
        this.inTheMidst = inTheMidst;
        this.onClose = onClose;
        try {
            KeyStore keys = newKeys(plane.folder());
            server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(serving(keys)));
            server.createContext("/", this::handle);
            server.setExecutor(threads);
            server.start();
            configuration = configuration(
                    asked, namespace, keys.getCertificate("webhook").getEncoded());
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("a webhook cannot be served", e);
        }
        plane.client().resource(configuration).create();
    }

    private ValidatingWebhookConfiguration configuration(Asked asked, String namespace, byte[] certificate) {
        String[] groupAndResource = asked.resource().split("/", 2);
        String pem = "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(certificate)
                + "\n-----END CERTIFICATE-----\n";
        return new ValidatingWebhookConfigurationBuilder()
                .withNewMetadata()
                .withName("lab-" + namespace)
                .endMetadata()
                .addNewWebhook()
                .withName("webhook.lab.local")
                .withNewClientConfig()
                .withUrl("https://127.0.0.1:" + server.getAddress().getPort() + "/")
                .withCaBundle(Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)))
                .endClientConfig()
                .withNewNamespaceSelector()
                .addToMatchLabels("kubernetes.io/metadata.name", namespace)
                .endNamespaceSelector()
                .addNewRule()
                .withApiGroups(groupAndResource[0])
                .withApiVersions("v1")
                .withResources(groupAndResource[1])
                .withOperations(asked.operation())
                .endRule()
                .withFailurePolicy(asked.failurePolicy())
                .withTimeoutSeconds(asked.timeoutSeconds())
                .withSideEffects("None")
                .withAdmissionReviewVersions("v1")
                .endWebhook()
                .build();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode review = JSON.readTree(exchange.getRequestBody());
            inTheMidst.run();
            byte[] answer =
                    """
                    {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": {"uid": "%s", "allowed": true}}""".formatted(review.path("request").path("uid").asText()).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(answer);
            }
        }
    }

    private static void await(CountDownLatch closed) {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static SSLContext serving(KeyStore keys) throws GeneralSecurityException {
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    /** The JDK makes certificates by its keytool alone. */
    private static KeyStore newKeys(Path folder) throws IOException, GeneralSecurityException {
        Path made = Files.createTempDirectory(folder, "webhook").resolve("keys.p12");
        String[] command = {
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            "webhook",
            "-keyalg",
            "EC",
            "-dname",
            "CN=webhook",
            "-ext",
            "san=ip:127.0.0.1",
            "-storetype",
            "PKCS12",
            "-storepass",
            PASSWORD,
            "-keystore",
            made.toString()
        };
        try {
            Process keytool =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!keytool.waitFor(1, TimeUnit.MINUTES) || keytool.exitValue() != 0) {
                throw new IOException("keytool: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted while keytool ran", e));
        }
        try (InputStream file = Files.newInputStream(made)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(file, PASSWORD.toCharArray());
            return keys;
        }
    }

    /** The API server asks it no more. */
    @Override
    public void close() {
        plane.client().resource(configuration).delete();
        onClose.run();
        server.stop(0);
        threads.close();
    }
}
