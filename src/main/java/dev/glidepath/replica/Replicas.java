package dev.glidepath.replica;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.ServerStatus;
import dev.glidepath.apiserver.encoding.Resource;
import dev.glidepath.apiserver.watch.ReducedInformer;
import dev.glidepath.apiserver.watch.ReducedInformer.Watching;
import dev.glidepath.apiserver.watch.Watch;
import dev.glidepath.apiserver.watch.Watcher;
import dev.glidepath.event.InstanceId;
import dev.glidepath.thread.LastingThread;
import dev.glidepath.time.SteadyClock;
import dev.glidepath.trouble.Trouble;
import dev.glidepath.trouble.Trouble.Remedy;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * The replicas, kept by an informer of their Leases: whose claims are free, and whose hooks are owed. What dead ones owed is
 * copied into our own Lease, and theirs are deleted.
 *
 * <p>A watch that has broken off shows everybody's Lease standing still. Ours is among them, and known to move: while it is not
 * seen to, nothing can be told of the others, and no claim is free.
 */
public final class Replicas implements AutoCloseable {
    /** Longer than it takes to renew our Lease once more after one failure, shorter than another's may stand still. */
    private static final Duration PROOF_HOLDS = Duration.ofSeconds(8);

    private static final Duration NOT_YET = Duration.ofSeconds(1);
    private static final Duration CLEAN_UP_EVERY = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Our own Lease is renewed several times in this time: a watch that says nothing for so long is lost. */
    private static final Duration OURS_MOVES = Duration.ofSeconds(20);

    private static final Logger LOG = Logger.getLogger(Replicas.class);

    private final ReducedInformer<ReplicaLease> leases;
    private final ApiServer apiServer;
    private final String namespace;
    private final Replica self;
    private final SteadyClock clock;
    private final Liveness liveness = new Liveness();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Trouble<Remedy> cleaning;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final LastingThread cleaner = new LastingThread("replica-cleaner", this::waitAndCleanUp);

    /**
     * Nothing is asked of the API server before {@link #start}.
     *
     * @param self nothing is free and nothing is deleted unless it has been started as well
     */
    public Replicas(Watcher watcher, Replica self) {
        this.apiServer = watcher.apiServer().within(PATIENCE);
        namespace = self.id().namespace();
        this.self = self;
        this.clock = watcher.clock();
        cleaning = new Trouble<>(LOG, Trouble.Words.of("deleting the Lease of a dead replica in " + namespace), clock);
        leases = new ReducedInformer<>(
                new Watcher(watcher.apiServer().within(OURS_MOVES), watcher.clock(), watcher.random()),
                new Watch.Kind<>(
                        new Resource(
                                ReplicaLease.folder(namespace),
                                Set.of("metadata/labels", "metadata/annotations", "spec")),
                        "labelSelector=" + URLEncoder.encode(ReplicaLease.LABEL + "=true", StandardCharsets.UTF_8),
                        true,
                        "Leases of our replicas",
                        lease -> Optional.of(ReplicaLease.of(lease))),
                ReplicaLease::name);
        leases.onChange(lease -> {
            if (!isOfOtherRelease(lease)) {
                self.learn(lease.tokens());
            }
            if (liveness.saw(lease, clock.steady())) {
                listeners.forEach(Runnable::run);
            }
        });
        leases.onRemoval(lease -> {
            liveness.gone(lease.name(), clock.steady());
            listeners.forEach(Runnable::run);
        });
    }

    /** Begins to list and watch, and goes on trying for as long as it takes. */
    public void start() {
        start(() -> {});
    }

    /**
     * Begins to list and watch, and goes on trying for as long as it takes.
     *
     * @param onSynced called once, when all Leases are known; be brief
     */
    public void start(Runnable onSynced) {
        leases.start(onSynced);
        var _ = cleaner.start();
    }

    /** Whether the Leases are known: before that, no claim is free. */
    public boolean isSynced() {
        return leases.isSynced();
    }

    /** Why dead replicas are not cleaned up after; empty while they are. */
    public Optional<String> trouble() {
        return cleaner.trouble();
    }

    /** How well they are watched. */
    public Watching watching() {
        return leases.watching();
    }

    /**
     * Tells that a replica has come or gone, or owes other hooks than before, on the informer's thread: be brief. That one has
     * merely renewed its Lease, or has not, is not told: ask again at {@link #freeAt}.
     */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /**
     * When what this holder has claimed may be claimed by others, by our own clock, as far as can be told now.
     *
     * @param holder as {@link ReplicaId#holder} names it
     * @return in the future as long as it may live; ask again then. Of a replica in another namespace nothing is seen
     */
    public Instant freeAt(String holder) {
        Instant now = clock.steady();
        return clock.byMachine(canTell(now) ? liveness.freeAt(holder, now) : now.plus(NOT_YET));
    }

    /** Whether this holder belongs to another release, or runs in another namespace: then its departures are not ours to take over. */
    public boolean isOfOtherRelease(String holder) {
        return self.id().isOfOtherRelease(holder);
    }

    /**
     * When no replica of ours lives any more that can read journals of this version, by our own clock, as far as can be told now.
     *
     * @return in the future as long as one may live, ask again then; long past where there is none
     */
    public Instant freeOfReadersAt(int journalVersion) {
        Instant now = clock.steady();
        return canTell(now)
                ? liveness.freeOfReadersAt(journalVersion, lease -> !isOfOtherRelease(lease))
                        .map(clock::byMachine)
                        .orElse(Instant.MIN)
                : clock.byMachine(now.plus(NOT_YET));
    }

    /** The node selectors of other releases in our namespace, by release. */
    public Map<String, String> selectorsOfOtherReleases() {
        return leases.all().stream()
                .filter(this::isOfOtherRelease)
                .filter(lease -> !lease.holder().isEmpty())
                .collect(Collectors.toUnmodifiableMap(
                        ReplicaLease::release, lease -> lease.capabilities().nodeSelector(), (one, _) -> one));
    }

    private boolean isOfOtherRelease(ReplicaLease lease) {
        return !lease.release().isEmpty() && !lease.release().equals(self.id().release());
    }

    /** Whether another replica, alive or dead, saw the node of this instance: then it was a node of this cluster. */
    public boolean owes(InstanceId instance) {
        return witnessOf(instance).isPresent();
    }

    /**
     * Who saw the node of this instance: another replica, alive or dead, or an earlier process of our own pod. What we wrote down
     * ourselves is no evidence, wherever it stands.
     */
    public Optional<String> witnessOf(InstanceId instance) {
        return self.witnessOfCopied(instance)
                .or(() -> leases.all().stream()
                        .filter(lease -> !isOfOtherRelease(lease))
                        .flatMap(lease -> lease.pending().witnessTo(self.id().holder(), instance).stream())
                        .findFirst());
    }

    @Override
    public void close() {
        closing.countDown();
        leases.close();
    }

    private boolean canTell(Instant now) {
        return leases.isSynced() && liveness.hasMoved(self.id().holder(), PROOF_HOLDS, now);
    }

    private boolean waitAndCleanUp() throws InterruptedException {
        if (closing.await(CLEAN_UP_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
            return false;
        }
        cleanUp();
        return true;
    }

    private void cleanUp() throws InterruptedException {
        Instant now = clock.steady();
        if (!canTell(now)) {
            return;
        }
        for (ReplicaLease lease : leases.all()) {
            if (!lease.name().equals(self.id().pod())
                    && !isOfOtherRelease(lease)
                    && liveness.isDead(lease.name(), now)) {
                self.copy(lease.pending());
                if (self.hasWritten(lease.pending())) {
                    delete(lease);
                }
            }
        }
    }

    /** Only what was seen: its owner may have come back since, or owe more. */
    private void delete(ReplicaLease lease) throws InterruptedException {
        try {
            ServerStatus status = ServerStatus.of(apiServer.delete(
                    ReplicaLease.folder(namespace) + "/" + lease.name(), ReplicaLease.deletionOf(lease.version())));
            switch (status.code()) {
                case 200, 404, 409 -> cleaning.ended();
                case 403 ->
                    cleaning.met(
                            Remedy.PERSON,
                            status.lacksRight("delete", "leases")
                                    ? "may not delete it: the Role in " + namespace + " needs leases: delete"
                                    : status.inWords());
                default -> cleaning.met(Remedy.of(status.code() == 401), status.inWords());
            }
        } catch (IOException noAnswer) {
            cleaning.met(Remedy.TIME, String.valueOf(noAnswer.getMessage()));
        }
    }
}
