package dev.glidepath.drain.eviction;

import dev.glidepath.drain.pod.PodRef;

/** Where the API server keeps a pod. */
final class PodPath {
    private PodPath() {}

    static String of(PodRef pod) {
        return "/api/v1/namespaces/" + pod.namespace() + "/pods/" + pod.name();
    }
}
