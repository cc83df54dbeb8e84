package dev.glidepath.apiserver;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sends one request a call, with the client's connection and credentials, and tries nothing again. Safe for use by many
 * threads; an interrupt ends a wait.
 *
 * @see <a href="https://kubernetes.io/docs/reference/using-api/api-concepts/">Kubernetes API concepts</a>
 */
public final class ApiServer {
    /** A refusal is a Status, far shorter than this. */
    private static final int MOST_OF_A_REFUSAL = 65_536;

    private final HttpClient http;
    private final long timeoutMillis;
    private final String url;

    /**
     * @param kubernetes its request timeout holds here as well
     */
    public ApiServer(KubernetesClient kubernetes) {
        this(
                kubernetes.getHttpClient(),
                kubernetes.getConfiguration().getRequestTimeout(),
                kubernetes.getMasterUrl().toString().replaceFirst("/+$", ""));
    }

    private ApiServer(HttpClient http, long timeoutMillis, String url) {
        this.http = http;
        this.timeoutMillis = timeoutMillis;
        this.url = url;
    }

    /** Where it is. */
    public String url() {
        return url;
    }

    /** The same, with less patience, for requests that are worth nothing later. */
    public ApiServer within(Duration timeout) {
        return new ApiServer(http, Math.min(timeoutMillis, timeout.toMillis()), url);
    }

    /** The API server answered, and did not give what was asked for. */
    public static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;
        private final int code;

        Refused(int code) {
            super("the API server answered " + code);
            this.code = code;
        }

        /** Whether a person must grant a permission, or renew credentials. */
        public boolean isDenied() {
            return code == 401 || code == 403;
        }
    }

    /** No answer came in time: what was asked for may have happened all the same. */
    public static final class TimedOut extends IOException {
        private static final long serialVersionUID = 1L;

        TimedOut(long millis, Throwable cause) {
            super("the API server did not answer within " + millis / 1000.0 + " s", cause);
        }
    }

    /** An answer, whatever it says. */
    public record Answer(int code, String body) {}

    /**
     * Reads one object.
     *
     * @param path with its leading slash
     * @throws IOException when no answer came
     */
    public Answer get(String path) throws IOException, InterruptedException {
        return answer(http.newHttpRequestBuilder().uri(url + path));
    }

    /**
     * Creates what the body holds.
     *
     * @param path with its leading slash
     * @throws TimedOut when no answer came in time
     * @throws IOException when none can come
     */
    public Answer post(String path, String json) throws IOException, InterruptedException {
        return answer(http.newHttpRequestBuilder().uri(url + path).post("application/json", json));
    }

    /**
     * Replaces an object by what the body holds, if that names the version it has.
     *
     * @param path with its leading slash
     * @throws TimedOut when no answer came in time
     * @throws IOException when none can come
     */
    public Answer put(String path, String json) throws IOException, InterruptedException {
        return answer(http.newHttpRequestBuilder().uri(url + path).method("PUT", "application/json", json));
    }

    /**
     * Patches by RFC 6902.
     *
     * @param path with its leading slash
     * @throws TimedOut when no answer came in time
     * @throws IOException when none can come
     */
    public Answer jsonPatch(String path, String operations) throws IOException, InterruptedException {
        return answer(http.newHttpRequestBuilder()
                .uri(url + path)
                .method("PATCH", "application/json-patch+json", operations));
    }

    /**
     * Patches as {@code kubectl patch} does by default: lists with a merge key, such as conditions, are merged by it.
     *
     * @param path with its leading slash
     * @throws TimedOut when no answer came in time
     * @throws IOException when none can come
     * @see <a href="https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/">Strategic
     *     merge patches</a>
     */
    public Answer strategicMergePatch(String path, String json) throws IOException, InterruptedException {
        return answer(http.newHttpRequestBuilder()
                .uri(url + path)
                .method("PATCH", "application/strategic-merge-patch+json", json));
    }

    /**
     * Deletes.
     *
     * @param path with its leading slash
     * @param options a DeleteOptions object
     * @throws TimedOut when no answer came in time
     * @throws IOException when none can come
     */
    public Answer delete(String path, String options) throws IOException, InterruptedException {
        return answer(http.newHttpRequestBuilder().uri(url + path).method("DELETE", "application/json", options));
    }

    /**
     * Reads a list as it comes in.
     *
     * @param path with its leading slash, and the query
     * @return to be closed by the caller; best read to its end, for else its connection is closed as well
     * @throws Refused when another answer came than 200
     * @throws IOException when none came
     */
    public InputStream list(String path) throws IOException, InterruptedException {
        return body(http.newHttpRequestBuilder().uri(url + path).timeout(timeoutMillis, TimeUnit.MILLISECONDS));
    }

    /**
     * Reads a watch for as long as the server, or the caller, keeps it open.
     *
     * @param path with its leading slash, and the query
     * @return one event a line; closing it ends the watch
     * @throws Refused when another answer came than 200
     * @throws IOException when none came
     */
    public InputStream watch(String path) throws IOException, InterruptedException {
        return body(http.newHttpRequestBuilder().uri(url + path).forStreaming());
    }

    private InputStream body(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = send(request.build(), InputStream.class);
        InputStream body = new Body(answer.body());
        if (answer.code() != 200) {
            try (body) {
                var _ = body.readNBytes(MOST_OF_A_REFUSAL);
            }
            throw new Refused(answer.code());
        }
        return body;
    }

    private Answer answer(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                send(request.timeout(timeoutMillis, TimeUnit.MILLISECONDS).build(), String.class);
        return new Answer(answer.code(), answer.body());
    }

    /**
     * A body that is not closed once its end has been read. The client closes a body by resetting its request, and with it the
     * connection, even when the answer is whole and the connection serves somebody else's request by then: an eviction would
     * fail because a list was done with.
     */
    private static final class Body extends FilterInputStream {
        private volatile boolean ended;

        Body(InputStream body) {
            super(body);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            if (read < 0) {
                ended = true;
            }
            return read;
        }

        @Override
        public int read(byte[] into, int from, int most) throws IOException {
            int read = super.read(into, from, most);
            if (read < 0) {
                ended = true;
            }
            return read;
        }

        @Override
        public void close() throws IOException {
            if (!ended) {
                super.close();
            }
        }
    }

    private <T> HttpResponse<T> send(HttpRequest request, Class<T> body) throws IOException, InterruptedException {
        var sent = http.sendAsync(request, body);
        try {
            return sent.get(timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            throw new TimedOut(timeoutMillis, slow);
        } catch (ExecutionException broken) {
            throw broken.getCause() instanceof TimeoutException // the client's own, which may come first
                    ? new TimedOut(timeoutMillis, broken)
                    : new IOException("the API server cannot be reached: " + broken.getCause(), broken);
        } finally {
            sent.cancel(true);
        }
    }
}
