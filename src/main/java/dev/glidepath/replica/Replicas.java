package dev.glidepath.replica;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.ReducedInformer;
import dev.glidepath.event.InstanceId;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

    private static final Logger LOG = Logger.getLogger(Replicas.class);

    private final ReducedInformer<Lease, ReplicaLease> leases;
    private final ApiServer apiServer;
    private final String namespace;
    private final Replica self;
    private final InstantSource clock;
    private final Liveness liveness = new Liveness();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Trouble cleaning;
    private final CountDownLatch closing = new CountDownLatch(1);

    /**
     * Nothing is asked of the API server before {@link #start}.
     *
     * @param namespace where the program runs
     * @param self nothing is free and nothing is deleted unless it has been started as well
     */
    public Replicas(
            KubernetesClient kubernetes, ApiServer apiServer, String namespace, Replica self, InstantSource clock) {
        this.apiServer = apiServer.within(PATIENCE);
        this.namespace = namespace;
        this.self = self;
        this.clock = clock;
        cleaning = new Trouble(LOG, "deleting the Lease of a dead replica in " + namespace, clock);
        leases = new ReducedInformer<>(
                kubernetes,
                kubernetes.resources(Lease.class).inNamespace(namespace).withLabel(ReplicaLease.LABEL, "true"),
                Lease.class,
                "Leases of replicas",
                lease -> Optional.of(reduce(lease)),
                ReplicaLease::name);
        leases.onChange(lease -> {
            if (liveness.saw(lease, clock.instant())) {
                listeners.forEach(Runnable::run);
            }
        });
        leases.onRemoval(lease -> {
            liveness.gone(lease.name(), clock.instant());
            listeners.forEach(Runnable::run);
        });
    }

    /** Begins to list and watch, and goes on trying for as long as it takes. */
    public void start() {
        leases.start();
        Thread.ofVirtual().name("replica-cleaner").start(this::cleanUpUntilClosed);
    }

    /** Whether the Leases are known: before that, no claim is free. */
    public boolean isSynced() {
        return leases.isSynced();
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
     * @return in the future as long as it may live; ask again then
     */
    public Instant freeAt(String holder) {
        Instant now = clock.instant();
        return canTell(now) ? liveness.freeAt(holder, now) : now.plus(NOT_YET);
    }

    /** Whether any replica, alive or dead, owed a hook of this instance: then it was a node of this cluster. */
    public boolean owes(InstanceId instance) {
        return self.hasCopied(instance)
                || leases.all().stream().anyMatch(lease -> lease.owed().contains(instance));
    }

    @Override
    public void close() {
        closing.countDown();
        leases.close();
    }

    private boolean canTell(Instant now) {
        return leases.isSynced() && liveness.hasMoved(self.id().holder(), PROOF_HOLDS, now);
    }

    private void cleanUpUntilClosed() {
        try {
            while (!closing.await(CLEAN_UP_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                cleanUp();
            }
        } catch (InterruptedException ended) {
            LOG.debug("dead Leases are no longer deleted");
        }
    }

    private void cleanUp() throws InterruptedException {
        Instant now = clock.instant();
        if (!canTell(now)) {
            return;
        }
        for (ReplicaLease lease : leases.all()) {
            if (!lease.name().equals(self.id().pod()) && liveness.isDead(lease.name(), now)) {
                self.copy(lease.owed());
                if (self.hasWritten(lease.owed())) {
                    delete(lease);
                }
            }
        }
    }

    /** Only what was seen: its owner may have come back since, or owe more. */
    private void delete(ReplicaLease lease) throws InterruptedException {
        try {
            int code = apiServer
                    .delete(
                            ReplicaLease.folder(namespace) + "/" + lease.name(),
                            ReplicaLease.deletionOf(lease.version()))
                    .code();
            switch (code) {
                case 200, 404, 409 -> cleaning.ended();
                case 401, 403 ->
                    cleaning.began(true, "may not delete it: the Role in " + namespace + " needs leases: delete");
                default -> cleaning.began(false, "the API server answered " + code);
            }
        } catch (IOException noAnswer) {
            cleaning.began(false, String.valueOf(noAnswer.getMessage()));
        }
    }

    private static ReplicaLease reduce(Lease lease) {
        var metadata = lease.getMetadata();
        Optional<LeaseSpec> spec = Optional.ofNullable(lease.getSpec());
        return new ReplicaLease(
                metadata.getName(),
                metadata.getResourceVersion(),
                spec.map(LeaseSpec::getHolderIdentity).orElse(""),
                spec.map(LeaseSpec::getRenewTime).map(String::valueOf).orElse(""),
                Optional.ofNullable(metadata.getAnnotations())
                        .map((Map<String, String> annotations) -> annotations.get(ReplicaLease.OWED))
                        .map(ReplicaLease::instances)
                        .orElse(Set.of()));
    }
}
