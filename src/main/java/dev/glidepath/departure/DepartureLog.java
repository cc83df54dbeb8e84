package dev.glidepath.departure;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.departure.story.Publisher;
import dev.glidepath.departure.story.Story;
import dev.glidepath.event.InstanceId;
import java.time.Instant;

/** Publishes the story of one node's departure. What is missing for all departures is reported by one of them. */
final class DepartureLog {
    private final Story story;
    private final Denials denials;
    private final Publisher publisher;

    DepartureLog(InstanceId instance, Denials denials, Publisher publisher) {
        this.story = new Story(instance);
        this.denials = denials;
        this.publisher = publisher;
    }

    /** Publishes what a decision changes. */
    void decided(Snapshot snapshot, Decision decision, Instant now) {
        story.reportDecision(snapshot, decision, now).forEach(publisher::publish);
    }

    /** Publishes what came of an action; {@code before} is what was known of it until now. */
    void ended(Action action, Outcome outcome, Attempts before) {
        story.reportOutcome(action, outcome, before.of(action).orElseThrow(), denials.remember(action, outcome))
                .forEach(publisher::publish);
    }
}
