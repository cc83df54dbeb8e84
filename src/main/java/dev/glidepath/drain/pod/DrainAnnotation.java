package dev.glidepath.drain.pod;

import dev.glidepath.drain.pod.Pod.Trait;
import java.util.Optional;

/** By this annotation a pod, or a namespace for its pods, says that it wishes to be drained otherwise than most. */
final class DrainAnnotation {
    static final String KEY = "glidepath.dev/drain";

    private DrainAnnotation() {}

    /** What it says; any other value says nothing. */
    static Optional<Trait> trait(String value) {
        return switch (value) {
            case "skip" -> Optional.of(Trait.SKIP);
            case "wait" -> Optional.of(Trait.WAIT);
            default -> Optional.empty();
        };
    }
}
