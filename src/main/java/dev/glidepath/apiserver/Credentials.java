package dev.glidepath.apiserver;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.utils.HttpClientUtils;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;

/**
 * The credentials of a {@link Config}: a token, a name with a password, or what an exec plugin gives. They are read anew once a
 * minute, and when the API server refuses them. Safe for use by many threads.
 */
final class Credentials {
    private static final Logger LOG = Logger.getLogger(Credentials.class);
    private static final long RENEWED_EVERY_NANOS = Duration.ofMinutes(1).toNanos();

    /** An exec plugin is not run more often, however many requests are refused. */
    private static final long SHORTEST_REST_NANOS = Duration.ofSeconds(5).toNanos();

    private final UnaryOperator<Config> refresh;
    private volatile Config config;

    /** A refusal right after the start is a reason to read them already; guarded by this object, as is what follows. */
    private long readAt = System.nanoTime() - SHORTEST_REST_NANOS;

    private Optional<CountDownLatch> reading = Optional.empty();

    /** Takes what the configuration holds now; it is {@link Config#refresh refreshed} for newer ones. */
    Credentials(Config config) {
        this(config, Config::refresh);
    }

    /**
     * Takes what the configuration holds now.
     *
     * @param refresh reads it anew; may take as long as an exec plugin does
     */
    Credentials(Config config, UnaryOperator<Config> refresh) {
        this.config = config;
        this.refresh = refresh;
    }

    /** The configuration as it was last read, which names the CA and the client certificate of new connections as well. */
    Config config() {
        return config;
    }

    /** Value of the header Authorization; empty where there is none. */
    Optional<String> authorization() {
        return authorization(config);
    }

    /** Begins to read them anew if they are older than a minute; not waited for. */
    void renewInTime() {
        var _ = renewIfOlderThan(RENEWED_EVERY_NANOS);
    }

    /**
     * Has them read anew after a refusal, unless that was done a moment ago.
     *
     * @param refused the header that was refused
     * @param atMost for how long that is waited for: an exec plugin may take its time
     * @return whether there are others now
     */
    boolean renewAfter(Optional<String> refused, Duration atMost) throws InterruptedException {
        if (authorization().equals(refused)) {
            var _ = renewIfOlderThan(SHORTEST_REST_NANOS).await(atMost.toNanos(), TimeUnit.NANOSECONDS);
        }
        return !authorization().equals(refused);
    }

    /** Gives what is counted down when they have been read. */
    private synchronized CountDownLatch renewIfOlderThan(long nanos) {
        if (reading.isPresent()) {
            return reading.get();
        }
        if (System.nanoTime() - readAt < nanos) {
            return new CountDownLatch(0);
        }
        CountDownLatch done = new CountDownLatch(1);
        reading = Optional.of(done);
        Thread.ofVirtual().name("credentials").start(() -> renew(done));
        return done;
    }

    private void renew(CountDownLatch done) {
        try {
            Config renewed = refresh.apply(config);
            if (identifies(renewed) || !identifies(config)) {
                config = renewed;
            }
        } catch (RuntimeException unreadable) {
            LOG.warnf("the credentials for the API server cannot be read anew: %s", unreadable.getMessage());
        } finally {
            synchronized (this) {
                readAt = System.nanoTime();
                reading = Optional.empty();
            }
            done.countDown();
        }
    }

    /** What is being written at the moment, or a plugin that fails, must not take the identity away. */
    private static boolean identifies(Config config) {
        return authorization(config).isPresent()
                || isGiven(config.getClientCertData())
                || isGiven(config.getClientCertFile());
    }

    private static Optional<String> authorization(Config config) {
        if (isGiven(config.getUsername()) && isGiven(config.getPassword())) {
            return Optional.of(HttpClientUtils.basicCredentials(config.getUsername(), config.getPassword()));
        }
        return Optional.ofNullable(token(config))
                .map(String::strip) // a file may end with a line break
                .filter(Credentials::isGiven)
                .map(token -> "Bearer " + token);
    }

    @SuppressWarnings("NullAway") // fabric8 gives null for what is not set
    private static String token(Config config) {
        if (config.getOauthTokenProvider() != null) {
            return config.getOauthTokenProvider().getToken();
        }
        return config.getOauthToken() == null ? config.getAutoOAuthToken() : config.getOauthToken();
    }

    @SuppressWarnings("NullAway") // fabric8 gives null for what is not set
    private static boolean isGiven(String value) {
        return value != null && !value.isEmpty();
    }
}
