package dev.glidepath.event;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What of one body could not be read, and what is taken instead; written while it is decoded. */
final class Notes {
    private final Instant sentAt;
    private final Set<String> notes = new LinkedHashSet<>();

    /** @param sentAt when the message came into the queue: no event is later than that */
    Notes(Instant sentAt) {
        this.sentAt = sentAt;
    }

    Instant sentAt() {
        return sentAt;
    }

    /** @param note for people; quotes nothing of the body */
    void add(String note) {
        notes.add(note);
    }

    List<String> all() {
        return List.copyOf(notes);
    }
}
