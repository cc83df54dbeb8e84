package dev.glidepath.replica;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.ApiServer.Answer;
import dev.glidepath.apiserver.ServerStatus;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.thread.LastingThread;
import dev.glidepath.time.SteadyClock;
import dev.glidepath.time.SteadyClock.Moment;
import dev.glidepath.trouble.Trouble;
import dev.glidepath.trouble.Trouble.Remedy;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * This replica's own Lease, renewed on a thread of the system. It says that the replica lives, so that its claims stand, and which
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
    private final ReplicaId id;
    private final Capabilities capabilities;
    private final SteadyClock clock;
    private final RandomGenerator random;
    private final HooksOwed hooks = new HooksOwed();
    private final Trouble<Remedy> renewing;
    private final CountDownLatch stopping = new CountDownLatch(1);

    private volatile Supplier<Owed> own = () -> Owed.NOTHING;
    private volatile BiConsumer<LifecycleToken, ActionNotice> learnt = (_, _) -> {};
    private volatile @Nullable LastingThread renewer;
    private volatile Moment mayActUntil = Moment.NEVER;
    /** The list as it stands in our Lease. */
    private volatile PendingHooks written = PendingHooks.NONE;
    /** Of our Lease; empty while it is not known, or not ours. */
    private volatile String version = "";
    /** Whether a renewal has succeeded: from then on whoever else holds it came after us. */
    private volatile boolean held;

    private volatile boolean lost;

    /**
     * Nothing is asked of the API server before {@link #start}.
     *
     * @param capabilities what the Lease tells others of us
     * @param random spreads the attempts after a failure
     */
    public Replica(
            ApiServer apiServer, ReplicaId id, Capabilities capabilities, SteadyClock clock, RandomGenerator random) {
        this.apiServer = apiServer;
        this.id = id;
        this.capabilities = capabilities;
        this.clock = clock;
        this.random = random;
        this.renewing =
                new Trouble<>(LOG, Trouble.Words.of("renewing the Lease " + id.namespace() + "/" + id.pod()), clock);
    }

    /** Who this is. */
    public ReplicaId id() {
        return id;
    }

    /**
     * Where the list of hooks owed comes from.
     *
     * @param owed asked at each renewal, on the renewing thread: be brief
     */
    public void owes(Supplier<Owed> owed) {
        own = owed;
    }

    /**
     * Who is told the tokens of lifecycle actions that other replicas, or earlier processes of our pod, worked on.
     *
     * @param listener called for each and the instance it holds, more than once, on the threads that read Leases: be brief
     */
    public void onToken(BiConsumer<LifecycleToken, ActionNotice> listener) {
        learnt = listener;
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
        renewer = LastingThread.ofSystem("replica-lease", this::renewAndWait).start();
    }

    /**
     * Until when we may write to the cluster and complete hooks: 10 s after the last renewal that succeeded was sent, also where
     * the clock was set back since.
     *
     * @return {@link Instant#MIN} before the first one, when the Lease is lost, and from {@link #release} on
     */
    public Instant mayActUntil() {
        return stopping.getCount() == 0 ? Instant.MIN : clock.earliest(mayActUntil);
    }

    /** Why the Lease is not renewed; empty while it is. */
    public Optional<String> trouble() {
        return renewing.why().or(() -> Optional.ofNullable(renewer).flatMap(LastingThread::trouble));
    }

    /**
     * Renews no more and lets the others have what we claimed, within 2 s: the Lease is deleted, or, when hooks are owed, left
     * with their list and without a holder. Calling it again does nothing.
     */
    public void release() {
        stopping.countDown();
        try {
            @Nullable LastingThread ending = renewer;
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
    void copy(PendingHooks owed) {
        hooks.copy(owed, clock.instant());
    }

    /** The tokens in the Lease of another. */
    void learn(Map<LifecycleToken, ActionNotice> tokens) {
        tokens.forEach(learnt);
    }

    /** Who saw the node of an instance whose hooks another replica owed before us; never we. */
    Optional<String> witnessOfCopied(InstanceId instance) {
        return hooks.witnessOf(instance).filter(witness -> !witness.equals(id.holder()));
    }

    /** Whether all of these stand in our Lease that are to be kept still. */
    boolean hasWritten(PendingHooks owed) {
        return written.covers(owed.copiedAfter(clock.instant().minus(HooksOwed.KEPT_FOR)));
    }

    private boolean renewAndWait() throws InterruptedException {
        Duration wait = renew();
        return !lost && !stopping.await(wait.toMillis(), TimeUnit.MILLISECONDS);
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
        } catch (RuntimeException | Error unexpected) { // the next attempt comes in time for what we may do
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
            default -> refused("get", ServerStatus.of(answer));
        };
    }

    private Duration takeOver(ReplicaLease found) throws IOException, InterruptedException {
        if (!found.holder().equals(id.holder())) {
            if (held) {
                return lose(found.holder());
            }
            hooks.copy(found.pending(), clock.instant());
            learn(found.tokens());
        }
        return write(found.version());
    }

    private Duration lose(String to) {
        lost = true;
        mayActUntil = Moment.NEVER;
        renewing.met(
                Remedy.PERSON,
                "it is held by " + to + " now: two processes run with the pod name " + id.pod()
                        + "; this one does nothing any more until it is started anew");
        return Duration.ZERO;
    }

    /** @param over the version it has; empty where there is none */
    private Duration write(String over) throws IOException, InterruptedException {
        Moment sentAt = clock.moment();
        ReplicaLease lease = lease(over, id.holder(), sentAt.at());
        String text = lease.text(id.namespace());
        ApiServer hasty = apiServer.within(PATIENCE);
        Answer answer =
                over.isEmpty() ? hasty.post(ReplicaLease.folder(id.namespace()), text) : hasty.put(path(), text);
        return switch (answer.code()) {
            case 200, 201 -> {
                version = ReplicaLease.parse(answer.body()).version();
                written = lease.pending();
                held = true;
                mayActUntil = sentAt.plus(MAY_ACT_FOR);
                renewing.ended();
                yield untilNext(sentAt.steady());
            }
            case 404, 409 -> {
                version = "";
                yield failed(false, "it was changed by somebody else");
            }
            default -> refused(over.isEmpty() ? "create" : "update", ServerStatus.of(answer));
        };
    }

    private Duration refused(String verb, ServerStatus status) {
        if (status.lacksRight(verb, "leases")) {
            return failed(true, "may not " + verb + " it: the Role in " + id.namespace() + " needs leases: " + verb);
        }
        boolean needsPerson = status.code() == 401 || status.code() == 403 || status.isRefusedByPolicy();
        return failed(needsPerson, status.inWords());
    }

    private Duration failed(boolean needsPerson, String why) {
        renewing.met(Remedy.of(needsPerson), why);
        long half = RETRY_AFTER.toMillis() / 2;
        return Duration.ofMillis(half + random.nextLong(half + 1));
    }

    private Duration untilNext(Instant sentAt) {
        Duration left = Duration.between(clock.steady(), sentAt.plus(RENEW_EVERY));
        return left.isNegative() ? Duration.ZERO : left;
    }

    private void letGo() throws InterruptedException {
        String last = version;
        version = "";
        if (last.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        ReplicaLease released = lease(last, "", now);
        ApiServer hasty = apiServer.within(RELEASE_WITHIN);
        try {
            Answer answer = released.pending().isEmpty()
                    ? hasty.delete(path(), ReplicaLease.deletionOf(last))
                    : hasty.put(path(), released.text(id.namespace()));
            if (answer.code() != 200) {
                LOG.warnf("the Lease could not be released, it will lapse: the API server answered %d", answer.code());
            }
        } catch (IOException noAnswer) {
            LOG.warnf("the Lease could not be released, it will lapse: %s", noAnswer.getMessage());
        }
    }

    private ReplicaLease lease(String over, String holder, Instant now) {
        Owed owed = own.get();
        return new ReplicaLease(
                id.pod(),
                over,
                holder,
                ReplicaLease.micros(now),
                id.release(),
                capabilities,
                hooks.list(new PendingHooks(owed.byWitness()), now),
                ReplicaLease.fitting(owed.tokens()));
    }

    private String path() {
        return ReplicaLease.folder(id.namespace()) + "/" + id.pod();
    }
}
