package dev.glidepath.drain.volume;

/** Which volume a PersistentVolumeClaim is bound to, or why that is not known. */
public sealed interface ClaimOutcome {
    /** It is bound to the PersistentVolume of this name. */
    record Found(String volume) implements ClaimOutcome {}

    /** It is bound to none yet, so none is attached for it. */
    record Unbound() implements ClaimOutcome {}

    /** There is no such claim any more. */
    record Gone() implements ClaimOutcome {}

    /** RBAC does not let us: a person must act. */
    record Forbidden(String why) implements ClaimOutcome {}

    /** The API server is down, slow or overloaded; worth another try. */
    record Failed(String why) implements ClaimOutcome {}
}
