package dev.glidepath.apiserver;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** A server on loopback that speaks HTTP/2 over TLS, and answers as a test tells it to. */
final class Http2Server implements AutoCloseable {
    private static final int REFUSED_STREAM = 7;

    private final HeldCertificate certificate = new HeldCertificate.Builder()
            .commonName("api server")
            .addSubjectAlternativeName("127.0.0.1")
            .addSubjectAlternativeName("localhost")
            .addSubjectAlternativeName("kubernetes.invalid")
            .build();
    private final MockWebServer server = new MockWebServer();
    private final List<RecordedRequest> requests = new CopyOnWriteArrayList<>();
    private volatile Function<RecordedRequest, MockResponse> answers = Http2Server::echo;
    private volatile BooleanSupplier refusing = () -> false;
    private final AtomicInteger refused = new AtomicInteger();
    private volatile boolean awaitsTunnel;

    /** Answers of requests from now on; without this each is answered by its own path. */
    Http2Server answering(Function<RecordedRequest, MockResponse> answer) {
        answers = answer;
        return this;
    }

    /** Whether it refuses to process the next stream; asked for each of them. */
    Http2Server refusing(BooleanSupplier next) {
        refusing = next;
        return this;
    }

    /** How many streams it refused to process. */
    int refused() {
        return refused.get();
    }

    /** Is a proxy as well: the first connection begins with a tunnel. */
    Http2Server behindATunnel() {
        awaitsTunnel = true;
        return this;
    }

    /** The server behind it, before it is started. */
    MockWebServer server() {
        return server;
    }

    /** Begins to listen. */
    Http2Server start() {
        return start(
                new HandshakeCertificates.Builder().heldCertificate(certificate).build());
    }

    /** Begins to listen, and asks clients for a certificate of that authority. */
    Http2Server startForClientsOf(HeldCertificate authority) {
        server.requireClientAuth();
        return start(new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .addTrustedCertificate(authority.certificate())
                .build());
    }

    private Http2Server start(HandshakeCertificates certificates) {
        server.useHttps(certificates.sslSocketFactory());
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                if (request.getTarget().equals("/")) {
                    refused.incrementAndGet(); // what stands for a stream whose request was not read
                    return new MockResponse.Builder().build();
                }
                requests.add(request);
                if (request.getMethod().equals("CONNECT")) {
                    awaitsTunnel = false;
                    return new MockResponse.Builder().inTunnel().build();
                }
                return answers.apply(request);
            }

            // What is to happen before a request is read.
            @Override
            public MockResponse peek() {
                MockResponse.Builder next = new MockResponse.Builder();
                if (awaitsTunnel) {
                    next.inTunnel();
                } else if (refusing.getAsBoolean()) {
                    next.onRequestStart(new SocketEffect.CloseStream(REFUSED_STREAM));
                }
                return next.build();
            }
        });
        try {
            server.start(InetAddress.getLoopbackAddress(), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("no free port on loopback", e);
        }
        return this;
    }

    int port() {
        return server.getPort();
    }

    String url() {
        return "https://127.0.0.1:" + port();
    }

    /** In PEM, to be trusted. */
    String certificate() {
        return certificate.certificatePem();
    }

    /** How a client reaches it. */
    ConfigBuilder config() {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(url())
                .withCaCertData(certificate())
                .withOauthToken("token")
                .withRequestTimeout(20_000);
    }

    /** All that came, in their order. */
    List<RecordedRequest> requests() {
        return List.copyOf(requests);
    }

    /** The paths of all that came. */
    List<String> paths() {
        return requests.stream().map(RecordedRequest::getTarget).toList();
    }

    /** How many connections requests came by. */
    long connections() {
        return requests.stream()
                .map(RecordedRequest::getConnectionIndex)
                .distinct()
                .count();
    }

    static MockResponse echo(RecordedRequest request) {
        return answer(200, request.getTarget()).build();
    }

    static MockResponse.Builder answer(int code, String body) {
        return new MockResponse.Builder().code(code).body(body);
    }

    @Override
    public void close() {
        server.close();
    }
}
