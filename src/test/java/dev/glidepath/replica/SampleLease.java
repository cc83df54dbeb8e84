package dev.glidepath.replica;

import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.LifecycleToken;
import java.time.Instant;
import java.util.Map;

/** Leases as replicas of the release {@code glidepath} write them. */
final class SampleLease {
    static final String NAMESPACE = "glidepath";
    static final String RELEASE = "glidepath";
    static final Capabilities CAPABILITIES = new Capabilities(1, "");

    private SampleLease() {}

    static ReplicaId id(String pod, String start) {
        return new ReplicaId(NAMESPACE, RELEASE, pod, start);
    }

    static String holder(String pod, String start) {
        return id(pod, start).holder();
    }

    static ReplicaLease of(String name, String version, String holder, Instant renewed, PendingHooks pending) {
        return of(name, version, holder, ReplicaLease.micros(renewed), pending);
    }

    static ReplicaLease of(String name, String version, String holder, String renewTime, PendingHooks pending) {
        return new ReplicaLease(name, version, holder, renewTime, RELEASE, CAPABILITIES, pending, Map.of());
    }

    static ReplicaLease with(ReplicaLease lease, String release, Capabilities capabilities) {
        return with(lease, release, capabilities, Map.of());
    }

    static ReplicaLease with(
            ReplicaLease lease, String release, Capabilities capabilities, Map<LifecycleToken, ActionNotice> tokens) {
        return new ReplicaLease(
                lease.name(),
                lease.version(),
                lease.holder(),
                lease.renewTime(),
                release,
                capabilities,
                lease.pending(),
                tokens);
    }
}
