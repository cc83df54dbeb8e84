package dev.glidepath.drain.plan;

import dev.glidepath.drain.pod.PodRef;

/**
 * What those who run the cluster decide about drains.
 *
 * @param evictEmptyDir whether pods with data in an emptyDir are evicted; else they stay, and lose it with the machine
 * @param deletes whether a pod whose last eviction is refused may be deleted
 * @param self our own pod, which goes last of all
 */
public record DrainPolicy(Waves waves, boolean evictEmptyDir, boolean deletes, Self self) {

    /** Our own pod's namespace and name; both empty outside of a cluster. */
    public record Self(String namespace, String name) {
        boolean is(PodRef pod) {
            return pod.name().equals(name) && pod.namespace().equals(namespace);
        }
    }

    /** What holds when nothing is set. */
    public static DrainPolicy standard() {
        return new DrainPolicy(Waves.standard(), true, true, new Self("", ""));
    }
}
