package dev.glidepath.drain.eviction;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.drain.pod.PodRef;
import java.time.Duration;
import java.util.Optional;

/** How a pod is to go: this one and no namesake of it, and in how many seconds at most. */
final class DeleteOptions {
    private static final JsonMapper JSON = new JsonMapper();

    private DeleteOptions() {}

    /**
     * @param grace instead of the pod's own; rounded up to whole seconds
     * @param version the resourceVersion that it must still have; empty where any will do
     */
    static ObjectNode of(PodRef pod, Optional<Duration> grace, Optional<String> version) {
        ObjectNode options = JSON.createObjectNode();
        ObjectNode preconditions = options.putObject("preconditions").put("uid", pod.uid());
        version.ifPresent(seen -> preconditions.put("resourceVersion", seen));
        grace.ifPresent(time ->
                options.put("gracePeriodSeconds", time.plusNanos(999_999_999).toSeconds()));
        return options;
    }
}
