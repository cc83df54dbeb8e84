package dev.glidepath.drain.plan;

/** What is to become of one pod, and why. */
public sealed interface Verdict {
    /** Why, in words an operator knows from kubectl. */
    String reason();

    /** It is evicted. */
    record Evict(String reason) implements Verdict {}

    /** It is going already, and is waited for. */
    record Await(String reason) implements Verdict {}

    /** It stays, and nobody waits for it. */
    record Stay(String reason) implements Verdict {}
}
