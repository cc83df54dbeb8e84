package dev.glidepath.departure.decision;

import dev.glidepath.event.InstanceId;
import dev.glidepath.node.KubeNode;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * What is asked, and where the answer is collected.
 *
 * @param agenda what is found to be owed
 */
record Question(Sight sight, Policy policy, Instant now, Agenda agenda) {

    InstanceId instance() {
        return sight.instance();
    }

    /** Whether this replica can act now. */
    boolean canAct() {
        return sight.canAct(now);
    }

    /** Whether this node may be touched. */
    boolean selects(KubeNode node) {
        return policy.nodes().selects(node.labels());
    }

    Attempts attempts() {
        return sight.attempts();
    }

    /** The notices, whoever holds them in the same order. */
    List<Notice> notices() {
        return sight.notices().stream()
                .sorted(Comparator.comparing(Notice::receivedAt)
                        .thenComparing(notice -> notice.interruption().id().value()))
                .toList();
    }
}
