package dev.glidepath.departure.decision;

import dev.glidepath.event.InstanceId;
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
