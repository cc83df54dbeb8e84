package dev.glidepath.drain.plan;

/** What is to become of one pod, and why. */
public sealed interface Verdict {
    /** Why, in words an operator knows from kubectl. */
    String reason();

    /** It is evicted when its wave's turn has come. */
    record Evict(String reason) implements Verdict {}

    /** It is evicted, and a person may want to know what that costs. */
    record EvictAtALoss(String reason) implements Verdict {}

    /** It may finish by itself until its last call. */
    record LetFinish(String reason) implements Verdict {}

    /** It tolerates everything and came back after it was evicted: asked again at its last call, waited for by nobody. */
    record CameBack(String reason) implements Verdict {}

    /** It is going already, and is waited for. */
    record Await(String reason) implements Verdict {}

    /** It stays, and nobody waits for it. */
    record Stay(String reason) implements Verdict {}

    /** Whether it is to be asked to go, now or at its last call. */
    default boolean asks() {
        return switch (this) {
            case Evict _, EvictAtALoss _, LetFinish _, CameBack _ -> true;
            case Await _, Stay _ -> false;
        };
    }
}
