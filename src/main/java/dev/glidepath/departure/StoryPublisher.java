package dev.glidepath.departure;

import dev.glidepath.departure.story.Entry;
import dev.glidepath.departure.story.Entry.Counted;
import dev.glidepath.departure.story.Entry.Reported;
import dev.glidepath.departure.story.Publisher;
import dev.glidepath.observe.ClusterEvents;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Metrics;

/** Publishes what departures report: as log lines, metrics and Kubernetes events. */
record StoryPublisher(DecisionLog log, Metrics metrics, ClusterEvents events) implements Publisher {

    @Override
    public void publish(Entry entry) {
        entry.counts()
                .forEach(count -> metrics.count(count.metric(), count.labels().toArray(String[]::new)));
        switch (entry) {
            case Reported reported -> {
                log.tell(reported.event(), reported.text(), reported.fields());
                reported.clusterEvent()
                        .ifPresent(shown -> events.tell(shown.subject(), reported.event(), shown.note()));
            }
            case Counted _ -> {}
        }
    }
}
