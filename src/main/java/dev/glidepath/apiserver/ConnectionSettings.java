package dev.glidepath.apiserver;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.StandardHttpClientBuilder;
import io.fabric8.kubernetes.client.utils.HttpClientUtils;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Connection settings as fabric8's client reads them from a {@link Config}: TLS, client certificate, proxy and NO_PROXY. Only the
 * settings are taken; nothing is sent through fabric8's client.
 */
final class ConnectionSettings
        extends StandardHttpClientBuilder<
                io.fabric8.kubernetes.client.http.HttpClient,
                io.fabric8.kubernetes.client.http.HttpClient.Factory,
                ConnectionSettings> {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** What the JDK's client reads from system properties. */
    private static final Map<String, String> PROPERTIES = Map.of(
            // Received and not yet read: at most so much a stream, and so much a connection, which has room for a
            // hundred
            // streams that nobody reads, so that they hold up no others. The default is 16 MB and 32 MB.
            "jdk.httpclient.windowsize",
            "65536",
            "jdk.httpclient.connectionWindowSize",
            "8388608",
            "jdk.httpclient.maxframesize",
            "16384",
            "jdk.httpclient.enablepush",
            "0",
            // A connection of HTTP/1.1 that is not used for longer may be dead.
            "jdk.httpclient.keepalive.timeout",
            "5",
            "jdk.httpclient.keepalive.timeout.h2",
            "60",
            // What a server has not processed is sent again by us, on another connection, and nothing else is: not even
            // a GET.
            "jdk.httpclient.redirects.retrylimit",
            "1",
            // A proxy may ask for a name and a password.
            "jdk.http.auth.tunneling.disabledSchemes",
            "");

    /** How the name ends that the JDK gives to the thread of a client that waits for bytes. */
    static final String READING_THREAD = "-SelectorManager";

    private ConnectionSettings() {
        super(new NoFactory());
    }

    /** Sets what the JDK's client reads when its classes are initialized; to be called before anything of it is used. */
    static void setProperties() {
        PROPERTIES.forEach(ConnectionSettings::setUnlessSet);
    }

    /**
     * Makes a client of the JDK's, which keeps one HTTP/2 connection. Files, such as the CA bundle, are read at this moment. The thread
     * that waits for its bytes decrypts and decodes them as well: what it calls must not block.
     *
     * @throws IOException when the CA, the client certificate or the proxy cannot be used
     */
    static HttpClient newClient(Config config) throws IOException {
        ConnectionSettings settings = read(config);
        HttpClient.Builder client = HttpClient.newBuilder()
                .executor(ConnectionSettings::carryOut)
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(
                        isPlain(config) || settings.isPreferHttp11()
                                ? HttpClient.Version.HTTP_1_1
                                : HttpClient.Version.HTTP_2);
        if (settings.getSslContext() != null) {
            client.sslContext(settings.getSslContext());
        }
        return client.proxy(settings.proxy()).build();
    }

    /** What the client's own thread has read it decodes itself; what a caller begins, which may have to look up a name, gets a thread. */
    private static void carryOut(Runnable task) {
        if (Thread.currentThread().getName().endsWith(READING_THREAD)) {
            task.run();
        } else {
            Thread.ofVirtual().name("api-server").start(task);
        }
    }

    /** A header that each request bears. */
    record Header(String name, String value) {}

    /**
     * Those of a configuration that impersonates somebody, and its own.
     *
     * @see <a href="https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation">User impersonation</a>
     */
    @SuppressWarnings("NullAway") // fabric8 gives null for what is not set
    static List<Header> headers(Config config) {
        List<Header> headers = new ArrayList<>();
        if (config.getCustomHeaders() != null) {
            config.getCustomHeaders().forEach((name, value) -> headers.add(new Header(name, value)));
        }
        if (config.getImpersonateUsername() != null
                && !config.getImpersonateUsername().isEmpty()) {
            headers.add(new Header("Impersonate-User", config.getImpersonateUsername()));
            if (config.getImpersonateGroups() != null) {
                Stream.of(config.getImpersonateGroups())
                        .forEach(group -> headers.add(new Header("Impersonate-Group", group)));
            }
            if (config.getImpersonateExtras() != null) {
                config.getImpersonateExtras()
                        .forEach((key, values) -> values.forEach(
                                value -> headers.add(new Header("Impersonate-Extra-" + encoded(key), value))));
            }
        }
        return List.copyOf(headers);
    }

    /** The name of a header holds no slash, for one. */
    private static String encoded(String key) {
        return URLEncoder.encode(key, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .toLowerCase(Locale.ROOT);
    }

    /** Value of the header Proxy-Authorization; empty where the proxy wants none, or there is none. */
    static Optional<String> proxyAuthorization(Config config) {
        ConnectionSettings settings = new ConnectionSettings();
        HttpClientUtils.applyCommonConfiguration(config, settings, settings.getClientFactory());
        return Optional.ofNullable(settings.getProxyAuthorization());
    }

    /** Whether the server speaks without TLS: then HTTP/1.1, for HTTP/2 is agreed upon by TLS only. */
    static boolean isPlain(Config config) {
        return config.getMasterUrl().startsWith("http://");
    }

    private static ConnectionSettings read(Config config) throws IOException {
        try {
            ConnectionSettings settings = new ConnectionSettings();
            HttpClientUtils.applyCommonConfiguration(config, settings, settings.getClientFactory());
            return settings;
        } catch (RuntimeException unusable) {
            throw new IOException(
                    "the connection to the API server cannot be set up: " + unusable.getMessage(), unusable);
        }
    }

    private ProxySelector proxy() throws IOException {
        return switch (getProxyType()) {
            case DIRECT -> HttpClient.Builder.NO_PROXY;
            case HTTP -> getProxyAddress() == null ? HttpClient.Builder.NO_PROXY : ProxySelector.of(getProxyAddress());
            case SOCKS4, SOCKS5 ->
                throw new IOException(
                        "the proxy " + getProxyAddress() + " speaks SOCKS, and only HTTP proxies are supported");
        };
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    @Override
    public io.fabric8.kubernetes.client.http.HttpClient build() {
        throw new UnsupportedOperationException("only the settings are read");
    }

    @Override
    protected ConnectionSettings newInstance(io.fabric8.kubernetes.client.http.HttpClient.@Nullable Factory factory) {
        return new ConnectionSettings();
    }

    private static final class NoFactory implements io.fabric8.kubernetes.client.http.HttpClient.Factory {
        @Override
        public ConnectionSettings newBuilder() {
            return new ConnectionSettings();
        }
    }
}
