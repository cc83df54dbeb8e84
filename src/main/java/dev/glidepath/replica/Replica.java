package dev.glidepath.replica;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.ApiServer.Answer;
import dev.glidepath.event.InstanceId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * This replica's own Lease, renewed on a virtual thread. It says that the replica lives, so that its claims stand, and which
 * hooks it owes, so that whoever comes after it knows; that list is written with a renewal only.
 *
 * <p>A Lease of our pod's name that is there at the start is an earlier process's: it is taken over, and its list with it. One
 * that another process takes from us later is lost for good, as two of one name cannot both be told from the dead.
 */
public final class Replica {
    static final Duration RENEW_EVERY = Duration.ofSeconds(5);
    static final Duration MAY_ACT_FOR = Duration.ofSeconds(10);

    /** Short enough for one more attempt before what we may do ends. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    /** Three that make up the 2 s that releasing may take. */
    private static final Duration END_WITHIN = Duration.ofSeconds(1);

    private static final Duration BREAK_OFF_WITHIN = Duration.ofMillis(200);
    private static final Duration RELEASE_WITHIN = Duration.ofMillis(800);

    private static final Logger LOG = Logger.getLogger(Replica.class);

    private final ApiServer apiServer;
    private final String namespace;
    private final ReplicaId id;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final HooksOwed hooks = new HooksOwed();
    private final Trouble renewing;
    private final CountDownLatch stopping = new CountDownLatch(1);

    private volatile Supplier<Set<InstanceId>> own = Set::of;
    private volatile @Nullable Thread renewer;
    private volatile Instant mayActUntil = Instant.MIN;
    /** The list as it stands in our Lease. */
    private volatile Set<InstanceId> written = Set.of();
    /** Of our Lease; empty while it is not known, or not ours. */
    private volatile String version = "";
    /** Whether a renewal has succeeded: from then on whoever else holds it came after us. */
    private volatile boolean held;

    private volatile boolean lost;

    /**
     * Nothing is asked of the API server before {@link #start}.
     *
     * @param namespace where the program runs
     * @param random spreads the attempts after a failure
     */
    public Replica(ApiServer apiServer, String namespace, ReplicaId id, InstantSource clock, RandomGenerator random) {
        this.apiServer = apiServer;
        this.namespace = namespace;
        this.id = id;
        this.clock = clock;
        this.random = random;
        this.renewing = new Trouble(LOG, "renewing the Lease " + namespace + "/" + id.pod(), clock);
    }

    /** Who this is. */
    public ReplicaId id() {
        return id;
    }

    /**
     * Where the list of hooks owed comes from.
     *
     * @param instances asked at each renewal, on the renewing thread: be brief
     */
    public void owes(Supplier<Set<InstanceId>> instances) {
        own = instances;
    }

    /** What another replica owed for this instance before us is paid; what is our own is told by {@link #owes}. */
    public void settled(InstanceId instance) {
        hooks.settled(instance);
    }

    /** Begins to renew, and goes on trying for as long as it takes; once only. */
    public void start() {
        if (renewer != null) {
            throw new IllegalStateException("a replica starts once");
        }
        renewer = Thread.ofVirtual().name("replica-lease").start(this::renewUntilStopped);
    }

    /**
     * Until when we may write to the cluster and complete hooks: 10 s after the last renewal that succeeded was sent.
     *
     * @return {@link Instant#MIN} before the first one, when the Lease is lost, and from {@link #release} on
     */
    public Instant mayActUntil() {
        return stopping.getCount() == 0 ? Instant.MIN : mayActUntil;
    }

    /** Why the Lease is not renewed; empty while it is. */
    public Optional<String> trouble() {
        return renewing.why();
    }

    /**
     * Renews no more and lets the others have what we claimed, within 2 s: the Lease is deleted, or, when hooks are owed, left
     * with their list and without a holder. Calling it again does nothing.
     */
    public void release() {
        stopping.countDown();
        try {
            @Nullable Thread ending = renewer;
            if (ending != null && !ending.join(END_WITHIN)) {
                ending.interrupt();
                var _ = ending.join(BREAK_OFF_WITHIN);
            }
            letGo();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Owes from now on what a dead replica did. */
    void copy(Set<InstanceId> owed) {
        hooks.copy(owed, clock.instant());
    }

    /** Whether this is a debt copied from another. */
    boolean hasCopied(InstanceId instance) {
        return hooks.isCopied(instance);
    }

    /** Whether all of these stand in our Lease. */
    boolean hasWritten(Set<InstanceId> owed) {
        return written.containsAll(owed);
    }

    private void renewUntilStopped() {
        try {
            for (Duration wait = renew();
                    !lost && !stopping.await(wait.toMillis(), TimeUnit.MILLISECONDS);
                    wait = renew()) {}
        } catch (InterruptedException released) {
            LOG.debug("the Lease is no longer renewed");
        }
    }

    /**
     * Renews once, however that goes.
     *
     * @return how long to wait until the next time
     */
    private Duration renew() throws InterruptedException {
        try {
            return version.isEmpty() ? take() : write(version);
        } catch (IOException failure) { // none came, or none that can be read
            return failed(false, String.valueOf(failure.getMessage()));
        } catch (RuntimeException unexpected) {
            if (renewing.why().isEmpty()) {
                LOG.error("the Lease could not be renewed", unexpected);
            }
            return failed(false, String.valueOf(unexpected.getMessage()));
        }
    }

    /** Makes our Lease ours: it is not there, an earlier process's, or was changed in between. */
    private Duration take() throws IOException, InterruptedException {
        Answer answer = apiServer.within(PATIENCE).get(path());
        return switch (answer.code()) {
            case 200 -> takeOver(ReplicaLease.parse(answer.body()));
            case 404 -> write("");
            default -> refused("get", answer.code());
        };
    }

    private Duration takeOver(ReplicaLease found) throws IOException, InterruptedException {
        if (!found.holder().equals(id.holder())) {
            if (held) {
                return lose(found.holder());
            }
            hooks.copy(found.owed(), clock.instant());
        }
        return write(found.version());
    }

    private Duration lose(String to) {
        lost = true;
        mayActUntil = Instant.MIN;
        renewing.began(
                true,
                "it is held by " + to + " now: two processes run with the pod name " + id.pod()
                        + "; this one does nothing any more until it is started anew");
        return Duration.ZERO;
    }

    /** @param over the version it has; empty where there is none */
    private Duration write(String over) throws IOException, InterruptedException {
        Instant sentAt = clock.instant();
        List<InstanceId> owed = hooks.list(own.get(), sentAt);
        String lease = ReplicaLease.text(namespace, id.pod(), over, id.holder(), sentAt, owed);
        ApiServer hasty = apiServer.within(PATIENCE);
        Answer answer = over.isEmpty() ? hasty.post(ReplicaLease.folder(namespace), lease) : hasty.put(path(), lease);
        return switch (answer.code()) {
            case 200, 201 -> {
                version = ReplicaLease.parse(answer.body()).version();
                written = Set.copyOf(owed);
                held = true;
                mayActUntil = sentAt.plus(MAY_ACT_FOR);
                renewing.ended();
                yield untilNext(sentAt);
            }
            case 404, 409 -> {
                version = "";
                yield failed(false, "it was changed by somebody else");
            }
            default -> refused(over.isEmpty() ? "create" : "update", answer.code());
        };
    }

    private Duration refused(String verb, int code) {
        return code == 401 || code == 403
                ? failed(true, "may not " + verb + " it: the Role in " + namespace + " needs leases: " + verb)
                : failed(false, "the API server answered " + code);
    }

    private Duration failed(boolean needsPerson, String why) {
        renewing.began(needsPerson, why);
        long half = RETRY_AFTER.toMillis() / 2;
        return Duration.ofMillis(half + random.nextLong(half + 1));
    }

    /** At most the whole time, should the clock be set back in between. */
    private Duration untilNext(Instant sentAt) {
        Duration left = Duration.between(clock.instant(), sentAt.plus(RENEW_EVERY));
        return left.isNegative() ? Duration.ZERO : left.compareTo(RENEW_EVERY) < 0 ? left : RENEW_EVERY;
    }

    private void letGo() throws InterruptedException {
        String last = version;
        version = "";
        if (last.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        List<InstanceId> owed = hooks.list(own.get(), now);
        ApiServer hasty = apiServer.within(RELEASE_WITHIN);
        try {
            Answer answer = owed.isEmpty()
                    ? hasty.delete(path(), ReplicaLease.deletionOf(last))
                    : hasty.put(path(), ReplicaLease.text(namespace, id.pod(), last, "", now, owed));
            if (answer.code() != 200) {
                LOG.warnf("the Lease could not be released, it will lapse: the API server answered %d", answer.code());
            }
        } catch (IOException noAnswer) {
            LOG.warnf("the Lease could not be released, it will lapse: %s", noAnswer.getMessage());
        }
    }

    private String path() {
        return ReplicaLease.folder(namespace) + "/" + id.pod();
    }
}
