package dev.glidepath.storm;

import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.ControlGroup;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.SqsFront;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.observe.LogEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One spot interruption warning after the other, each when the node before has been drained.
 *
 * @param notices as many nodes
 * @param podsPerNode of each
 */
record SingleNotices(int notices, int podsPerNode) implements Probe {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration CALM = Duration.ofSeconds(1);
    private static final int GRACE = 30;

    @Override
    public String name() {
        return "single-notices";
    }

    @Override
    public String title() {
        return "%d notices, one after the other, for nodes of %d pods".formatted(notices, podsPerNode);
    }

    @Override
    public String description() {
        return "From the moment at which the queue hands a message out until the API server has answered the patch that cordons its node."
                + " There is no reference.";
    }

    @Override
    public List<Reading> run(Bench bench) throws Exception {
        Scenario scenario = new Scenario(name(), notices, podsPerNode, GRACE, 0, 0, 0, bench.memory());
        TestQueue queue = TestQueue.create();
        try (Landscape landscape = Landscape.of(scenario, bench.plane(), bench.progress());
                SqsFront front = SqsFront.holding();
                ControlGroup group = ControlGroup.of(bench.memory(), OptionalDouble.empty());
                DaemonProcess daemon = bench.start(group, queue, front)) {
            daemon.awaitReady();
            front.open();
            AuditLog.Mark mark = bench.plane().audit().mark();
            Map<String, String> messages = new HashMap<>();
            for (LabNode node : landscape.nodes()) {
                Thread.sleep(CALM);
                messages.put(node.name(), queue.send(Announcement.spotInterruption(node.instance(), Instant.now())));
                daemon.awaitThat(
                        "has not settled it",
                        LIMIT,
                        () -> daemon.told(LogEvent.DEPARTURE_SETTLED).size() == messages.size());
            }
            Distribution cordons = cordons(
                    Observation.of(
                            bench.plane().audit().since(mark),
                            AuditLog.serviceAccount("glidepath", "glidepath"),
                            landscape.cluster().namespace(),
                            scenario.grace()),
                    messages,
                    front);
            return List.of(
                    Reading.alone("message handed out to cordon, median, ms", 0, cordons.percentile(50) * 1e3),
                    Reading.alone("message handed out to cordon, longest, ms", 0, cordons.max() * 1e3),
                    Reading.alone("nodes not cordoned", 0, notices - cordons.count()));
        }
    }

    private static Distribution cordons(Observation seen, Map<String, String> messages, SqsFront front) {
        List<Double> seconds = new ArrayList<>();
        messages.forEach((node, message) -> {
            Optional<Instant> cordoned = Optional.ofNullable(seen.cordoned().get(node));
            Optional<Instant> handedOut = front.handedOutAt(message);
            cordoned.ifPresent(at -> handedOut.ifPresent(since -> seconds.add(Figures.seconds(since, at))));
        });
        return Distribution.of(seconds);
    }
}
