package dev.glidepath.apiserver;

import dev.glidepath.apiserver.Transport.Call;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request a call, and tries nothing again that the server may have processed. Safe for use by many threads; an interrupt
 * ends a wait. It needs no closing: what nobody uses is closed after some seconds.
 *
 * @see <a href="https://kubernetes.io/docs/reference/using-api/api-concepts/">Kubernetes API concepts</a>
 */
public final class ApiServer {
    /** The server sends a bookmark about once a minute: a watch that has said nothing for so long says nothing any more. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(75);

    /** A server that wants to be left alone for longer is asked again all the same: a machine may be going. */
    static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(1);

    private final Transport transport;
    private final Duration timeout;
    private final Duration silence;
    private final String url;

    /**
     * Nothing is sent yet.
     *
     * @param config where the API server is, how it is reached, as whom, and the timeout of a request
     */
    public ApiServer(Config config) {
        this(config, config.getMasterUrl().replaceFirst("/+$", ""));
    }

    private ApiServer(Config config, String url) {
        this(new Transport(config, url), Duration.ofMillis(config.getRequestTimeout()), LONGEST_SILENCE, url);
    }

    private ApiServer(Transport transport, Duration timeout, Duration silence, String url) {
        this.transport = transport;
        this.timeout = timeout;
        this.silence = silence;
        this.url = url;
    }

    /** Where it is. */
    public String url() {
        return url;
    }

    /** The same, with less patience, for requests that are worth nothing later, and for watches that say nothing. */
    public ApiServer within(Duration most) {
        return new ApiServer(transport, shorter(timeout, most), shorter(silence, most), url);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** Is told what answers say the time is; called by the threads that wait for them, so it must be quick. */
    @FunctionalInterface
    public interface Dated {
        /**
         * An answer came just now.
         *
         * @param date its header, in whole seconds
         * @param took since when it was asked for
         */
        void answered(Instant date, Duration took);
    }

    /** Tells this one of the date of each answer from now on, also of those {@link #within} less time. */
    public void onDate(Dated listener) {
        transport.onDate(listener);
    }

    /** The API server answered, and did not give what was asked for. */
    public static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;
        private final int code;
        private final Duration retryAfter;

        Refused(int code, Duration retryAfter) {
            super("the API server answered " + code);
            this.code = code;
            this.retryAfter = retryAfter;
        }

        /** How long to wait before it is asked again, as the server wants it; zero where it did not say. */
        public Duration retryAfter() {
            return retryAfter;
        }

        /** Whether a person must grant a permission, or renew credentials. */
        public boolean isDenied() {
            return code == 401 || code == 403;
        }

        /** Whether the same may be asked again later, for the server is merely busy. */
        public boolean isBusy() {
            return code == 429;
        }

        /** Whether the trouble is the server's, or of something before it, and says nothing of what was asked for. */
        public boolean isOfServer() {
            return code >= 500;
        }
    }

    /** No answer came in time: what was asked for may have happened all the same. */
    public static final class TimedOut extends IOException {
        private static final long serialVersionUID = 1L;

        TimedOut(long millis, Throwable cause) {
            super("the API server did not answer within " + millis / 1000.0 + " s", cause);
        }
    }

    /** An answer began, and then nothing came any more: perhaps its connection is lost and nobody said so. */
    public static final class FellSilent extends IOException {
        private static final long serialVersionUID = 1L;

        FellSilent(long millis, @Nullable Throwable cause) {
            super("the API server has said nothing for " + millis / 1000.0 + " s", cause);
        }
    }

    /**
     * An answer, whatever it says.
     *
     * @param retryAfter how long to wait before the same is asked again, as its header wants it; zero where it has none
     */
    public record Answer(int code, String body, Duration retryAfter) {
        /** One that does not say when to come again. */
        public Answer(int code, String body) {
            this(code, body, Duration.ZERO);
        }
    }

    /**
     * Reads one object.
     *
     * @param path with its leading slash
     * @throws IOException when no answer came
     */
    public Answer get(String path) throws IOException, InterruptedException {
        return transport.send(Call.get(path), timeout);
    }

    /**
     * Creates what the body holds.
     *
     * @param path with its leading slash
     * @throws TimedOut when no answer came in time
     * @throws IOException when none can come
     */
    public Answer post(String path, String json) throws IOException, InterruptedException {
        return send("POST", path, "application/json", json);
    }

    /**
     * Replaces an object by what the body holds, if that names the version it has.
     *
     * @param path with its leading slash
     * @throws TimedOut when no answer came in time
     * @throws IOException when none can come
     */
    public Answer put(String path, String json) throws IOException, InterruptedException {
        return send("PUT", path, "application/json", json);
    }

    /**
     * Patches by RFC 6902.
     *
     * @param path with its leading slash
     * @throws TimedOut when no answer came in time
     * @throws IOException when none can come
     */
    public Answer jsonPatch(String path, String operations) throws IOException, InterruptedException {
        return send("PATCH", path, "application/json-patch+json", operations);
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
        return send("PATCH", path, "application/strategic-merge-patch+json", json);
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
        return send("DELETE", path, "application/json", options);
    }

    /**
     * Reads a list as it comes in.
     *
     * @param path with its leading slash, and the query
     * @return to be closed by the caller, which resets its stream if it was not read to its end. A read throws {@link FellSilent} when
     *     nothing comes within the time that a request has
     * @throws Refused when another answer came than 200
     * @throws IOException when none came
     */
    public InputStream list(String path) throws IOException, InterruptedException {
        return transport.list(Call.get(path), timeout);
    }

    /** The same in one of the media types that are accepted, preferred ones first. */
    public Body list(String path, String accept) throws IOException, InterruptedException {
        return transport.list(Call.get(path, accept), timeout);
    }

    /**
     * Reads a watch for as long as the server, or the caller, keeps it open.
     *
     * @param path with its leading slash, and the query, which is to ask for bookmarks
     * @return one event a line; closing it ends the watch. A read throws {@link FellSilent} when nothing comes for longer than
     *     a bookmark takes
     * @throws Refused when another answer came than 200
     * @throws IOException when none came
     */
    public InputStream watch(String path) throws IOException, InterruptedException {
        return transport.watch(Call.get(path), timeout, silence);
    }

    /** The same in one of the media types that are accepted, preferred ones first. */
    public Body watch(String path, String accept) throws IOException, InterruptedException {
        return transport.watch(Call.get(path, accept), timeout, silence);
    }

    private Answer send(String method, String path, String contentType, String body)
            throws IOException, InterruptedException {
        return transport.send(Call.of(method, path, contentType, body), timeout);
    }
}
