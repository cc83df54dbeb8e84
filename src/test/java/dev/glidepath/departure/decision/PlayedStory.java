package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.departure.story.Entry;
import dev.glidepath.departure.story.Permission;
import dev.glidepath.departure.story.Story;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the replicas of a {@link Play} report: one story for each node that a process knows, as long as it remembers it. */
final class PlayedStory {
    private final Map<PlayedReplica.Memory, Story> stories = new HashMap<>();
    private final List<Entry> entries = new ArrayList<>();

    void decided(PlayedReplica.Memory memory, Snapshot snapshot, Decision decision, Instant now) {
        entries.addAll(of(memory, snapshot).reportDecision(snapshot, decision, now));
    }

    /** Before it is remembered. What changes of permissions for all departures together is not played. */
    void ended(PlayedReplica.Memory memory, Action action, Outcome outcome) {
        Story story = stories.get(memory);
        if (story != null) {
            memory.attempts
                    .of(action)
                    .ifPresent(attempt ->
                            entries.addAll(story.reportOutcome(action, outcome, attempt, Permission.UNCHANGED)));
        }
    }

    List<Entry> entries() {
        return List.copyOf(entries);
    }

    private Story of(PlayedReplica.Memory memory, Snapshot snapshot) {
        return stories.computeIfAbsent(memory, _ -> new Story(snapshot.instance()));
    }
}
