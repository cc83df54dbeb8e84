package dev.glidepath.node;

import java.time.Instant;

/** What a kubelet's own Lease says of its last sign of life, or why that is not known. */
public sealed interface KubeletLease {
    /** It was renewed last at that time, by the kubelet's clock. */
    record Renewed(Instant at) implements KubeletLease {}

    /** There is none, or none that was ever renewed. */
    record NoLease() implements KubeletLease {}

    /** RBAC does not let us: a person must act. */
    record Denied(String why) implements KubeletLease {}

    /** The API server is down, slow or overloaded; worth another try. */
    record Failed(String why) implements KubeletLease {}
}
