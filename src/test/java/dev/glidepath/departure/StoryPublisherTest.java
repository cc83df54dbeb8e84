package dev.glidepath.departure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.departure.story.ClusterEvent;
import dev.glidepath.departure.story.Count;
import dev.glidepath.departure.story.Entry.Counted;
import dev.glidepath.departure.story.Entry.Reported;
import dev.glidepath.observe.ClusterEvents;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import dev.glidepath.observe.Metrics;
import dev.glidepath.observe.Subject;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StoryPublisherTest {
    private static final Logger LOGGER = Logger.getLogger("dev.glidepath.decisions");
    private static final Reported CORDONED = new Reported(
            LogEvent.NODE_CORDONED,
            "a text",
            Map.of(Field.PODS, 3),
            List.of(Count.of(Metric.PODS_SHORTENED), Count.of(Metric.PODS_REPORTED, "evicted")),
            Optional.of(new ClusterEvent(new Subject.Node("node-1"), "a note")));

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Metrics metrics = new Metrics(registry);
    private final List<Map<String, String>> lines = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            lines.add(ExtLogRecord.wrap(line).getMdcCopy());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    /** Its Kubernetes events are left out, and counted. */
    private final StoryPublisher publisher = new StoryPublisher(
            new DecisionLog(),
            metrics,
            ClusterEvents.ofDryRun(
                    new ApiServer(new ConfigBuilder()
                            .withMasterUrl("http://localhost:1")
                            .build()),
                    metrics,
                    () -> Instant.EPOCH));

    @BeforeEach
    void listen() {
        LOGGER.addHandler(handler);
    }

    @AfterEach
    void listenNoMore() {
        LOGGER.removeHandler(handler);
    }

    @Test
    void sendsAnEntryToLogMetricsAndClusterEvents() {
        publisher.publish(CORDONED);

        assertThat(lines)
                .containsExactly(Map.of(Field.EVENT.key(), LogEvent.NODE_CORDONED.label(), Field.PODS.key(), "3"));
        assertThat(counted(Metric.PODS_SHORTENED)).isEqualTo(1);
        assertThat(counted(Metric.PODS_REPORTED)).isEqualTo(1);
        assertThat(counted(Metric.CLUSTER_EVENTS)).isEqualTo(1);
    }

    @Test
    void sendsNoClusterEventWhereThereIsNone() {
        publisher.publish(new Reported(LogEvent.NODE_CORDONED, "a text", Map.of(), List.of(), Optional.empty()));

        assertThat(lines).hasSize(1);
        assertThat(counted(Metric.CLUSTER_EVENTS)).isZero();
    }

    @Test
    void writesNoLineForWhatIsOnlyCounted() {
        publisher.publish(new Counted(Count.of(Metric.ACTS, "cordon", "landed")));

        assertThat(lines).isEmpty();
        assertThat(counted(Metric.ACTS)).isEqualTo(1);
    }

    private double counted(Metric metric) {
        return registry.find(metric.id()).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }
}
