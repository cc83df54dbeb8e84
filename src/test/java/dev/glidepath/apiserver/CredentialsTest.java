package dev.glidepath.apiserver;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import dev.glidepath.apiserver.ApiServer.Answer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As whom, through what, and by whose certificate the API server is reached. */
class CredentialsTest {
    private static final Answer YES = new Answer(200, "yes");

    private final Http2Server server = new Http2Server();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void tokenOfAPodIsReadAnewWhenItIsRefused() throws Exception {
        server.answering(request -> onlyFor(request, "Bearer second")).start();
        Map<String, String> pod = Map.of(
                Config.KUBERNETES_MASTER_SYSTEM_PROPERTY, server.url(),
                Config.KUBERNETES_NO_PROXY, "127.0.0.1",
                Config.KUBERNETES_AUTH_TRYKUBECONFIG_SYSTEM_PROPERTY, "false",
                Config.KUBERNETES_AUTH_SERVICEACCOUNT_TOKEN_FILE_SYSTEM_PROPERTY, write("token", "first\n"),
                Config.KUBERNETES_CA_CERTIFICATE_FILE_SYSTEM_PROPERTY, write("ca.crt", server.certificate()));
        pod.forEach(System::setProperty);
        try {
            ApiServer apiServer = new ApiServer(Config.autoConfigure(null));

            write("token", "second\n");

            assertThat(apiServer.post("/pods", "{}")).isEqualTo(YES);
        } finally {
            pod.keySet().forEach(System::clearProperty);
        }
        assertThat(authorizations()).containsExactly("Bearer first", "Bearer second");
    }

    @Test
    void kubeconfigIsReadAnewWhenItsTokenIsRefused() throws Exception {
        server.answering(request -> onlyFor(request, "Bearer second")).start();
        ApiServer apiServer = new ApiServer(fromKubeconfig("token: first"));

        fromKubeconfig("token: second");

        assertThat(apiServer.post("/pods", "{}")).isEqualTo(YES);
        assertThat(authorizations()).containsExactly("Bearer first", "Bearer second");
    }

    @Test
    void tokenThatIsStillTheSameIsNotTriedAgain() throws Exception {
        server.answering(request -> onlyFor(request, "Bearer second")).start();

        Answer answer = new ApiServer(fromKubeconfig("token: first")).post("/pods", "{}");

        assertThat(answer.code()).isEqualTo(401);
        assertThat(authorizations()).containsExactly("Bearer first");
    }

    @Test
    void execPluginIsAskedAgainWhenItsTokenIsRefused() throws Exception {
        server.answering(request -> onlyFor(request, "Bearer second")).start();
        Path credential = Files.writeString(folder.resolve("credential"), execCredential("first"));
        ApiServer apiServer = new ApiServer(fromKubeconfig("""
                exec:
                      apiVersion: client.authentication.k8s.io/v1
                      command: cat
                      args: ["%s"]
                      interactiveMode: Never""".formatted(credential)));

        Files.writeString(credential, execCredential("second"));

        assertThat(apiServer.get("/pods")).isEqualTo(YES);
        assertThat(authorizations()).containsExactly("Bearer first", "Bearer second");
    }

    /** A file is often renewed at the last moment, while each request is refused already. */
    @Test
    void areReadAgainThoughRefusalsNeverCease() {
        AtomicReference<String> file = new AtomicReference<>("first");
        Credentials credentials = new Credentials(holding("first"), _ -> holding(file.get()));
        Optional<String> first = credentials.authorization();

        await().pollInterval(ofMillis(200))
                .during(ofSeconds(1))
                .atMost(ofSeconds(60))
                .until(() -> !credentials.renewAfter(first, ofSeconds(5)));
        file.set("second");

        await().pollInterval(ofMillis(200))
                .atMost(ofSeconds(60))
                .until(() -> credentials.renewAfter(first, ofSeconds(5)));
        assertThat(credentials.authorization()).contains("Bearer second");
    }

    @Test
    void pluginThatHangsIsNotWaitedFor() throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        Credentials credentials = new Credentials(holding("first"), config -> {
            awaitUninterruptibly(ended);
            return config;
        });

        assertThat(credentials.renewAfter(credentials.authorization(), ofMillis(10)))
                .isFalse();
        assertThat(credentials.renewAfter(credentials.authorization(), ofMillis(10)))
                .isFalse();
        ended.countDown();
    }

    @Test
    void clientCertificateIsKeptWhereNoneCanBeRead() throws InterruptedException {
        Config withCertificate = new ConfigBuilder(Config.empty())
                .withClientCertData("certificate")
                .withClientKeyData("key")
                .build();
        Credentials credentials = new Credentials(withCertificate, _ -> Config.empty());

        assertThat(credentials.renewAfter(credentials.authorization(), ofSeconds(60)))
                .isFalse();

        assertThat(credentials.config().getClientCertData()).isEqualTo("certificate");
    }

    @Test
    void clientCertificateThatWasReplacedIsShownWithoutARestart() throws Exception {
        HeldCertificate authority =
                new HeldCertificate.Builder().certificateAuthority(0).build();
        server.answering(request -> isOf(request, "second")
                        ? Http2Server.answer(200, "yes").build()
                        : Http2Server.answer(401, "{}").build())
                .startForClientsOf(authority);
        ApiServer apiServer = new ApiServer(showing(client(authority, "first")));
        assertThat(apiServer.get("/pods").code()).isEqualTo(401);

        showing(client(authority, "second"));

        assertThat(apiServer.get("/pods")).isEqualTo(YES);
    }

    @Test
    void impersonatedUserIsNamedInEachRequest() throws Exception {
        server.answering(_ -> Http2Server.answer(200, "yes").build()).start();
        Config config = server.config()
                .withImpersonateUsername("oncall")
                .withImpersonateGroups("operators", "readers")
                .withImpersonateExtras(Map.of("example.org/Reason", List.of("drill")))
                .withCustomHeaders(Map.of("X-Tenant", "shop"))
                .build();

        new ApiServer(config).get("/pods");

        var headers = server.requests().getFirst().getHeaders();
        assertThat(headers.get("Impersonate-User")).isEqualTo("oncall");
        assertThat(headers.values("Impersonate-Group")).containsExactly("operators", "readers");
        assertThat(headers.get("Impersonate-Extra-example.org%2freason")).isEqualTo("drill");
        assertThat(headers.get("X-Tenant")).isEqualTo("shop");
    }

    @Test
    void clientCertificateIsShown() throws Exception {
        HeldCertificate authority =
                new HeldCertificate.Builder().certificateAuthority(0).build();
        HeldCertificate client = new HeldCertificate.Builder()
                .rsa2048()
                .signedBy(authority)
                .commonName("glidepath")
                .build();
        server.answering(_ -> Http2Server.answer(200, "yes").build()).startForClientsOf(authority);
        Config config = server.config()
                .withClientCertFile(write("client.pem", client.certificatePem()))
                .withClientKeyFile(write("client.key", client.privateKeyPkcs8Pem()))
                .build();

        assertThat(new ApiServer(config).get("/pods")).isEqualTo(YES);
        assertThatIOException()
                .isThrownBy(() -> new ApiServer(server.config().build()).get("/pods"))
                .withMessageStartingWith("the API server cannot be reached: ");
    }

    @Test
    void authorityThatChangedIsTrustedWithoutARestart() throws Exception {
        server.answering(_ -> Http2Server.answer(200, "yes").build()).start();
        HeldCertificate another = new HeldCertificate.Builder().build();
        String authority = write("ca.crt", another.certificatePem());
        ApiServer apiServer = new ApiServer(new ConfigBuilder(server.config().build())
                .withCaCertData(null)
                .withCaCertFile(authority)
                .build());
        assertThatIOException().isThrownBy(() -> apiServer.get("/pods"));

        write("ca.crt", server.certificate());

        assertThat(apiServer.get("/pods")).isEqualTo(YES);
    }

    @Test
    void proxyIsUsedAndGivenItsPassword() throws Exception {
        server.answering(_ -> Http2Server.answer(200, "yes").build())
                .behindATunnel()
                .start();
        Config config =
                behindProxy("http://us:secret@127.0.0.1:" + server.port()).build();

        assertThat(new ApiServer(config).get("/pods")).isEqualTo(YES);

        RecordedRequest tunnel = server.requests().getFirst();
        assertThat(tunnel.getRequestLine()).isEqualTo("CONNECT kubernetes.invalid:443 HTTP/1.1");
        assertThat(tunnel.getHeaders().get("Proxy-Authorization")).isEqualTo("Basic dXM6c2VjcmV0");
        assertThat(server.requests().getLast().getHeaders().get("Proxy-Authorization"))
                .as("the API server is not told")
                .isNull();
    }

    @Test
    void proxyIsNotUsedForWhatIsExcepted() throws Exception {
        server.answering(_ -> Http2Server.answer(200, "yes").build()).start();
        Config config = server.config()
                .withHttpsProxy("http://127.0.0.1:1")
                .withNoProxy("10.0.0.0/8", "127.0.0.0/8")
                .build();

        assertThat(new ApiServer(config).get("/pods")).isEqualTo(YES);
    }

    private Config showing(HeldCertificate client) throws IOException {
        return server.config()
                .withOauthToken(null)
                .withClientCertFile(write("client.pem", client.certificatePem()))
                .withClientKeyFile(write("client.key", client.privateKeyPkcs8Pem()))
                .build();
    }

    private static HeldCertificate client(HeldCertificate authority, String name) {
        return new HeldCertificate.Builder()
                .rsa2048()
                .signedBy(authority)
                .commonName(name)
                .build();
    }

    private static boolean isOf(RecordedRequest request, String name) {
        return String.valueOf(request.getHandshake()).contains("CN=" + name);
    }

    private static Config holding(String token) {
        return new ConfigBuilder(Config.empty()).withAutoOAuthToken(token).build();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private ConfigBuilder behindProxy(String proxy) {
        return new ConfigBuilder(server.config().build())
                .withMasterUrl("https://kubernetes.invalid")
                .withHttpsProxy(proxy);
    }

    private String write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private Config fromKubeconfig(String user) throws IOException {
        String kubeconfig =
                write("kubeconfig", """
                apiVersion: v1
                kind: Config
                clusters:
                - name: lab
                  cluster:
                    server: %s
                    certificate-authority: %s
                users:
                - name: lab
                  user:
                    %s
                contexts:
                - name: lab
                  context:
                    cluster: lab
                    user: lab
                current-context: lab
                """.formatted(server.url(), write("ca.crt", server.certificate()), user));
        return Config.fromKubeconfig(Path.of(kubeconfig).toFile());
    }

    private List<String> authorizations() {
        return server.requests().stream()
                .map(request -> request.getHeaders().get("Authorization"))
                .toList();
    }

    private static MockResponse onlyFor(RecordedRequest request, String authorization) {
        return authorization.equals(request.getHeaders().get("Authorization"))
                ? Http2Server.answer(200, "yes").build()
                : Http2Server.answer(401, "{}").build();
    }

    private static String execCredential(String token) {
        return """
                {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "%s"}}
                """.formatted(token);
    }
}
