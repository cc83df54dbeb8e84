package dev.glidepath.node;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Optional;

/**
 * What a node's condition Ready says, and since when.
 *
 * @param since when it turned so; empty where that is not said
 * @see <a href="https://kubernetes.io/docs/reference/node/node-status/#condition">Node conditions</a>
 */
public record Readiness(Status status, Optional<Instant> since) {
    /** Before its kubelet has reported anything. */
    public static final Readiness UNREPORTED = new Readiness(Status.UNREPORTED, Optional.empty());

    /** The condition's status. */
    public enum Status {
        /** Its kubelet says that it is ready. */
        TRUE,
        /** Its kubelet says that it is not: the kubelet is there, and ends pods. */
        FALSE,
        /** Nobody has heard of its kubelet for a while. */
        UNKNOWN,
        /** There is no such condition yet. */
        UNREPORTED
    }

    /** Whether it is ready. */
    public boolean isReady() {
        return status == Status.TRUE;
    }

    /** Reads it off a Node's conditions. */
    static Readiness read(JsonNode conditions) {
        return conditions
                .valueStream()
                .filter(condition -> condition.path("type").asText().equals("Ready"))
                .findFirst()
                .map(condition -> new Readiness(
                        switch (condition.path("status").asText()) {
                            case "True" -> Status.TRUE;
                            case "False" -> Status.FALSE;
                            default -> Status.UNKNOWN;
                        },
                        KubeNode.time(condition.path("lastTransitionTime"))))
                .orElse(UNREPORTED);
    }
}
