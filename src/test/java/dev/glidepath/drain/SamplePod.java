package dev.glidepath.drain;

import dev.glidepath.drain.Pod.Owner;
import dev.glidepath.drain.Pod.Phase;
import java.time.Duration;
import java.util.Set;

/** A running pod of a ReplicaSet with a grace period of 30 s and no priority, unless told otherwise. */
final class SamplePod {
    private final String name;
    private Phase phase = Phase.RUNNING;
    private boolean terminating;
    private boolean mirror;
    private boolean emptyDir;
    private Duration grace = Duration.ofSeconds(30);
    private int priority;
    private Owner owner = new Owner.Controller("ReplicaSet", "web");
    private Set<String> tolerated = Set.of();

    private SamplePod(String name) {
        this.name = name;
    }

    static SamplePod of(String name) {
        return new SamplePod(name);
    }

    SamplePod phase(Phase phase) {
        this.phase = phase;
        return this;
    }

    SamplePod terminating() {
        terminating = true;
        return this;
    }

    SamplePod mirror() {
        mirror = true;
        return this;
    }

    SamplePod emptyDir() {
        emptyDir = true;
        return this;
    }

    SamplePod grace(Duration grace) {
        this.grace = grace;
        return this;
    }

    SamplePod priority(int priority) {
        this.priority = priority;
        return this;
    }

    SamplePod owner(Owner owner) {
        this.owner = owner;
        return this;
    }

    SamplePod ownedBy(String kind) {
        return owner(new Owner.Controller(kind, "owner"));
    }

    SamplePod tolerating(String... taints) {
        tolerated = Set.of(taints);
        return this;
    }

    Pod build() {
        return new Pod(
                new PodRef("shop", name, "uid-of-" + name),
                phase,
                terminating,
                mirror,
                emptyDir,
                grace,
                priority,
                owner,
                tolerated);
    }
}
