package dev.glidepath.replica;

import static dev.glidepath.lab.ScriptedApiServer.answer;
import static dev.glidepath.lab.ScriptedApiServer.noAnswer;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import com.sun.net.httpserver.HttpHandler;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.event.InstanceId;
import dev.glidepath.lab.LogLines;
import dev.glidepath.lab.ScriptedApiServer;
import dev.glidepath.time.SteadyClock;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On an imagined clock, which a renewal moves on as far as it is told: the next one is due at once where that is 5 s. */
class ReplicaTest {
    private static final Duration LIMIT = ofMinutes(1);
    private static final String LACKS_CREATE =
            "{\"message\": \"leases is forbidden: User \\\"glidepath\\\" cannot create resource \\\"leases\\\"\"}";
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final InstanceId INSTANCE = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final ReplicaId ID = SampleLease.id("pod-0", "5eed");
    private static final String EARLIER = SampleLease.holder("pod-0", "cafe");
    private static final String FOLDER = "/apis/coordination.k8s.io/v1/namespaces/glidepath/leases";
    private static final String CREATE = "POST " + FOLDER;
    private static final String READ = "GET " + FOLDER + "/pod-0";
    private static final String REPLACE = "PUT " + FOLDER + "/pod-0";
    private static final String DELETE = "DELETE " + FOLDER + "/pod-0";

    /** Time passes by it. */
    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);

    /** By how much somebody has set the machine's clock. */
    private final AtomicReference<Duration> set = new AtomicReference<>(Duration.ZERO);

    private final SteadyClock clock =
            new SteadyClock(() -> now.get().plus(set.get()), () -> ChronoUnit.NANOS.between(NOON, now.get()));
    private final ScriptedApiServer server = new ScriptedApiServer();
    private final KubernetesClient client = server.client();
    private final LogLines log = new LogLines(Replica.class);
    private final Replica replica =
            new Replica(new ApiServer(client.getConfiguration()), ID, SampleLease.CAPABILITIES, clock, new Random(7));

    @AfterEach
    void close() {
        replica.release();
        log.close();
        client.close();
        server.close();
    }

    @Test
    void mayActForTenSecondsFromWhenTheRenewalWasSent() {
        server.onList(answer(404, "{}")).onWrite(after(4, answer(201, lease(ID.holder()))));
        assertThat(replica.mayActUntil()).isEqualTo(Instant.MIN);

        replica.start();

        await().atMost(LIMIT).until(() -> !replica.mayActUntil().equals(Instant.MIN));
        assertThat(replica.mayActUntil()).isEqualTo(NOON.plusSeconds(10));
        assertThat(replica.trouble()).isEmpty();
        assertThat(server.requests()).containsExactly(READ, CREATE);
    }

    /** Others count the seconds for which our Lease stands still, whatever our clock says. */
    @Test
    void aClockThatIsSetBackDoesNotLetItActForLonger() {
        server.onList(answer(404, "{}")).onWrite(after(4, answer(201, lease(ID.holder()))));
        replica.start();
        await().atMost(LIMIT).until(() -> !replica.mayActUntil().equals(Instant.MIN));

        set.set(Duration.ofHours(-1));
        assertThat(replica.mayActUntil()).isEqualTo(clock.instant().plusSeconds(6));
        now.updateAndGet(before -> before.plusSeconds(7));

        assertThat(replica.mayActUntil()).isBefore(clock.instant());
    }

    @Test
    void missingPermissionIsNamedOnceUntilItIsGranted() {
        CountDownLatch granted = new CountDownLatch(1);
        server.onList(answer(404, "{}")).onWrite(answer(403, LACKS_CREATE), answer(403, LACKS_CREATE), exchange -> {
            waitFor(granted);
            answer(201, lease(ID.holder())).handle(exchange);
        });

        replica.start();

        await().atMost(LIMIT)
                .until(() -> server.requests().stream().filter(CREATE::equals).count() == 3);
        assertThat(replica.trouble()).contains("may not create it: the Role in glidepath needs leases: create");
        assertThat(replica.mayActUntil()).isEqualTo(Instant.MIN);
        granted.countDown();
        await().atMost(LIMIT).until(() -> replica.trouble().isEmpty());
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(log.atLeast(Level.INFO))
                        .containsExactly(
                                "ERROR trouble renewing the Lease glidepath/pod-0: may not create it: the Role in glidepath"
                                        + " needs leases: create",
                                "INFO no more trouble renewing the Lease glidepath/pod-0, after PT0S"));
    }

    /** An admission policy answers 403 as well, and no rule of ours helps. */
    @Test
    void whatAPolicyRefusesIsToldInItsWords() {
        server.onList(answer(404, "{}"))
                .onWrite(
                        answer(403, "{\"message\": \"admission webhook \\\"guard\\\" denied the request: no Leases\"}"),
                        answer(201, lease(ID.holder())));

        replica.start();

        await().atMost(LIMIT).until(() -> replica.mayActUntil().equals(NOON.plusSeconds(10)));
        assertThat(log.atLeast(Level.INFO).getFirst())
                .isEqualTo(
                        "ERROR trouble renewing the Lease glidepath/pod-0: the API server answered 403: admission webhook"
                                + " \"guard\" denied the request: no Leases");
    }

    @Test
    void failureIsNoErrorAndTriedAgain() {
        server.onList(answer(503, ""), noAnswer(), answer(404, "{}"))
                .onWrite(answer(500, ""), answer(201, lease(ID.holder())));

        replica.start();

        await().atMost(LIMIT).until(() -> replica.mayActUntil().equals(NOON.plusSeconds(10)));
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(log.atLeast(Level.INFO))
                        .containsExactly(
                                "WARN trouble renewing the Lease glidepath/pod-0: the API server answered 503",
                                "INFO no more trouble renewing the Lease glidepath/pod-0, after PT0S"));
    }

    @Test
    void anErrorDoesNotEndTheRenewing() {
        AtomicInteger asked = new AtomicInteger();
        replica.owes(() -> {
            if (asked.incrementAndGet() == 1) {
                throw new StackOverflowError("on purpose");
            }
            return Owed.NOTHING;
        });
        server.onList(answer(404, "{}")).onWrite(answer(201, lease(ID.holder())));

        replica.start();

        await().atMost(LIMIT).until(() -> replica.mayActUntil().equals(NOON.plusSeconds(10)));
        await().atMost(LIMIT).until(() -> replica.trouble().isEmpty());
        assertThat(log.atLeast(Level.SEVERE)).first().asString().contains("the Lease could not be renewed");
    }

    @Test
    void leaseThatAnotherProcessTookIsLostForGood() {
        server.onList(answer(404, "{}"), answer(200, lease(EARLIER)))
                .onWrite(after(5, answer(201, lease(ID.holder()))), answer(409, "{}"));

        replica.start();

        await().atMost(LIMIT)
                .until(() -> log.atLeast(Level.SEVERE).stream()
                        .anyMatch(line -> line.contains("it is held by " + EARLIER + " now")));
        assertThat(replica.mayActUntil()).isEqualTo(Instant.MIN);
        assertThat(replica.trouble().orElseThrow())
                .contains("two processes run with the pod name pod-0", "until it is started anew");
        replica.release();
        assertThat(server.requests()).containsExactly(READ, CREATE, REPLACE, READ);
    }

    /** It was written, but we were not told. */
    @Test
    void leaseThatTurnsOutToBeOursIsGoneOnWith() {
        server.onList(answer(404, "{}"), answer(200, lease(ID.holder())))
                .onWrite(noAnswer(), answer(200, lease(ID.holder())));

        replica.start();

        await().atMost(LIMIT).until(() -> replica.mayActUntil().equals(NOON.plusSeconds(10)));
        assertThat(server.requests()).containsExactly(READ, CREATE, READ, REPLACE);
        assertThat(replica.witnessOfCopied(INSTANCE)).isEmpty();
    }

    @Test
    void leaseThatSomebodyDeletedIsMadeAnew() {
        server.onList(answer(404, "{}"))
                .onWrite(after(5, answer(201, lease(ID.holder()))), answer(404, "{}"), answer(201, lease(ID.holder())));

        replica.start();

        await().atMost(LIMIT).until(() -> replica.mayActUntil().equals(NOON.plusSeconds(15)));
        assertThat(server.requests()).containsExactly(READ, CREATE, REPLACE, READ, CREATE);
    }

    @Test
    void listOfAnEarlierProcessIsCopiedUntilItIsSettled() {
        server.onList(answer(200, lease(EARLIER))).onWrite(answer(200, lease(ID.holder())));

        replica.start();

        await().atMost(LIMIT).until(() -> replica.hasWritten(pending(ID.holder())));
        assertThat(replica.witnessOfCopied(INSTANCE)).contains(EARLIER);
        replica.settled(INSTANCE);
        assertThat(replica.witnessOfCopied(INSTANCE)).isEmpty();
        assertThat(server.requests()).containsExactly(READ, REPLACE);
    }

    @Test
    void faultInWhatIsOwedDoesNotEndTheRenewing() {
        AtomicInteger asked = new AtomicInteger();
        replica.owes(() -> {
            if (asked.incrementAndGet() == 1) {
                throw new IllegalStateException("a fault of ours");
            }
            return new Owed(Map.of(ID.holder(), Set.of(INSTANCE)), Map.of());
        });
        server.onList(answer(404, "{}")).onWrite(answer(201, lease(ID.holder())));

        replica.start();

        await().atMost(LIMIT).until(() -> replica.hasWritten(pending(ID.holder())));
        await().atMost(LIMIT).until(() -> replica.trouble().isEmpty());
    }

    @Test
    void releaseOfOneThatNeverWasAsksNothing() {
        replica.release();

        assertThat(server.requests()).isEmpty();
    }

    @Test
    void mayNotActOnceItIsReleasedAndIsReleasedOnce() {
        server.onList(answer(404, "{}")).onWrite(answer(201, lease(ID.holder())), answer(200, "{}"));
        replica.start();
        await().atMost(LIMIT).until(() -> replica.mayActUntil().equals(NOON.plusSeconds(10)));

        replica.release();
        replica.release();

        assertThat(replica.mayActUntil()).isEqualTo(Instant.MIN);
        assertThat(server.requests()).containsExactly(READ, CREATE, DELETE);
    }

    @Test
    void releaseTakesTwoSecondsAtMostWhateverTheApiServerDoes() {
        CountDownLatch never = new CountDownLatch(1);
        HttpHandler silence = _ -> waitFor(never);
        server.onList(answer(404, "{}")).onWrite(after(5, answer(201, lease(ID.holder()))), silence, silence);
        replica.start();
        await().atMost(LIMIT).until(() -> server.requests().contains(REPLACE));

        assertTimeout(ofSeconds(5), replica::release); // and three for a machine that stops for a while

        assertThat(server.requests()).containsExactly(READ, CREATE, REPLACE, DELETE);
        assertThat(log.atLeast(Level.WARNING))
                .singleElement()
                .asString()
                .startsWith("WARN the Lease could not be released, it will lapse: ");
        never.countDown();
    }

    /** Answers so much later, by the imagined clock. */
    private HttpHandler after(long seconds, HttpHandler then) {
        return exchange -> {
            now.updateAndGet(before -> before.plusSeconds(seconds));
            then.handle(exchange);
        };
    }

    private static String lease(String holder) {
        return SampleLease.of("pod-0", "7", holder, NOON, pending(holder)).text("glidepath");
    }

    private static PendingHooks pending(String witness) {
        return new PendingHooks(Map.of(witness, Set.of(INSTANCE)));
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }
}
