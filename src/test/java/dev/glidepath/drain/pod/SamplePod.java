package dev.glidepath.drain.pod;

import dev.glidepath.drain.pod.Pod.Owner;
import dev.glidepath.drain.pod.Pod.Phase;
import dev.glidepath.drain.pod.Pod.Termination;
import dev.glidepath.drain.pod.Pod.Trait;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A running, Ready pod of a ReplicaSet with a grace period of 30 s, no priority and the label app=its name, unless told otherwise. */
public final class SamplePod {
    private PodRef ref;
    private final Set<Trait> traits = EnumSet.of(Trait.READY);
    private final Map<String, String> labels = new HashMap<>();
    private Instant seenAt = Instant.EPOCH;
    private Phase phase = Phase.RUNNING;
    private Optional<Termination> termination = Optional.empty();
    private Duration grace = Duration.ofSeconds(30);
    private int priority;
    private Owner owner = new Owner.Controller("ReplicaSet", "web", "uid-of-web");
    private Set<String> tolerated = Set.of();
    private Set<String> claims = Set.of();
    private String version = "1";

    private SamplePod(PodRef ref) {
        this.ref = ref;
    }

    public static SamplePod of(String name) {
        return new SamplePod(new PodRef("shop", name, "uid-of-" + name)).label("app", name);
    }

    /** The same pod, to be changed. */
    public static SamplePod like(Pod pod) {
        SamplePod sample = new SamplePod(pod.ref());
        sample.seenAt = pod.seenAt();
        sample.phase = pod.phase();
        sample.traits.clear();
        sample.traits.addAll(pod.traits());
        sample.termination = pod.termination();
        sample.grace = pod.grace();
        sample.priority = pod.priority();
        sample.owner = pod.owner();
        sample.tolerated = pod.tolerated();
        sample.claims = pod.claims();
        sample.labels.putAll(pod.labels());
        sample.version = pod.version();
        return sample;
    }

    /** Another pod of that name. */
    public SamplePod in(String namespace) {
        ref = new PodRef(namespace, ref.name(), "uid-of-" + namespace + "-" + ref.name());
        return this;
    }

    public SamplePod uid(String uid) {
        ref = new PodRef(ref.namespace(), ref.name(), uid);
        return this;
    }

    /** Which nobody has asked to end. */
    public SamplePod running() {
        termination = Optional.empty();
        traits.remove(Trait.CONTAINERS_ENDED);
        return this;
    }

    public SamplePod seenAt(Instant seenAt) {
        this.seenAt = seenAt;
        return this;
    }

    public SamplePod phase(Phase phase) {
        this.phase = phase;
        return this;
    }

    public SamplePod terminating() {
        return terminating(new Termination(Instant.EPOCH.plus(grace), grace, false));
    }

    public SamplePod terminating(Termination termination) {
        this.termination = Optional.of(termination);
        return this;
    }

    public SamplePod with(Trait trait) {
        traits.add(trait);
        return this;
    }

    public SamplePod without(Trait trait) {
        traits.remove(trait);
        return this;
    }

    public SamplePod grace(Duration grace) {
        this.grace = grace;
        return this;
    }

    public SamplePod priority(int priority) {
        this.priority = priority;
        return this;
    }

    public SamplePod owner(Owner owner) {
        this.owner = owner;
        return this;
    }

    public SamplePod ownedBy(String kind) {
        return owner(new Owner.Controller(kind, "owner", "uid-of-owner"));
    }

    public SamplePod tolerating(String... taints) {
        tolerated = Set.of(taints);
        return this;
    }

    public SamplePod claiming(String... claims) {
        this.claims = Set.of(claims);
        return this;
    }

    public SamplePod label(String key, String value) {
        labels.put(key, value);
        return this;
    }

    public SamplePod version(String version) {
        this.version = version;
        return this;
    }

    public Pod build() {
        return new Pod(
                ref, seenAt, phase, traits, termination, grace, priority, owner, tolerated, claims, labels, version);
    }
}
