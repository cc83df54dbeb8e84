package dev.glidepath.storm;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What was measured of one client in one storm. Times are in seconds since the storm began: all messages were in the queue, or the bare
 * client was told to start.
 *
 * @param cordons how long until a node was cordoned
 * @param cordonsAfterReceipt the same, since the queue handed out the node's message; of a bare client as {@code cordons}
 * @param terminations how long until a pod had its SIGTERM
 * @param nodesNotCordoned nodes that never were
 * @param podsWithoutSigterm pods that had none before their node's deadline
 * @param podsShortOfGrace pods that were given less than their grace period, or whose node's deadline cut it short
 * @param drained when the last pod had gone
 * @param messagesDeleted when the last message about one of the nodes had been deleted; null where there is no queue, or one was not
 * @param queueEmpty when the last message had been deleted, of whatever instance; null where there is no queue
 * @param calls requests that the API server answered, by verb, resource and status
 * @param connections that the client had to the API server, each with its TLS handshake, as far as they were seen; null where
 *     nobody looked
 * @param cpu of the client, in milliseconds a pod
 * @param serverCpu of the API server until the last pod had gone, in milliseconds a pod
 * @param peakMegabytes the most that was ever resident of the client
 * @param peakGroupMegabytes the most that its control group ever held, page cache included; 0 where it has none
 * @param incomplete what was not done when the time was up; empty when all was
 */
record Figures(
        Distribution cordons,
        Distribution cordonsAfterReceipt,
        Distribution terminations,
        int nodesNotCordoned,
        int podsWithoutSigterm,
        int podsShortOfGrace,
        double drained,
        @Nullable Double messagesDeleted,
        @Nullable Double queueEmpty,
        SortedMap<String, Integer> calls,
        @Nullable Integer connections,
        double cpu,
        double serverCpu,
        double peakMegabytes,
        double peakGroupMegabytes,
        String incomplete) {

    /** Requests that are no evictions and no deletions of pods. */
    int otherCalls() {
        return calls.entrySet().stream()
                .filter(call -> !call.getKey().startsWith("create pods/eviction"))
                .filter(call -> !call.getKey().startsWith("delete pods"))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    int allCalls() {
        return calls.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Seconds from then to each of these. */
    static Distribution since(Instant start, Collection<Instant> moments) {
        return Distribution.of(
                moments.stream().map(moment -> seconds(start, moment)).toList());
    }

    static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1e3;
    }
}
