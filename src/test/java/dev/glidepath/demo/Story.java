package dev.glidepath.demo;

import dev.glidepath.demo.Demo.Notice;
import dev.glidepath.demo.Demo.Parts;
import dev.glidepath.demo.PodWatch.Arrival;
import dev.glidepath.demo.Screen.Ink;
import dev.glidepath.demo.Timeline.Moment;
import dev.glidepath.lab.AutoScalingStandIn.ActionState.Completed;
import dev.glidepath.lab.DaemonProcess.Line;
import dev.glidepath.lab.LabNode;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Makes plain sentences of what the daemon logs, what the cluster shows and what Auto Scaling was told. */
final class Story {
    private final Scenery scenery;
    private final Parts parts;
    private final Notice notice;
    private final PodWatch pods;
    private final Timeline timeline;
    private int linesTold;
    private boolean hookTold;

    Story(Scenery scenery, Parts parts, Notice notice, PodWatch pods, Timeline timeline) {
        this.scenery = scenery;
        this.parts = parts;
        this.notice = notice;
        this.pods = pods;
        this.timeline = timeline;
    }

    /** How it begins. */
    void begin() {
        tell(
                notice.at(),
                scenery.spot(),
                Ink.YELLOW,
                "EC2 wants this spot instance back; its interruption warning is in the queue");
        tell(
                notice.at(),
                scenery.scaledIn(),
                Ink.YELLOW,
                "Auto Scaling is terminating this instance; hook %s holds it meanwhile".formatted(Scenery.HOOK));
    }

    /** Takes up what is new. */
    void listen() {
        List<Line> lines = parts.daemon().lines();
        lines.stream().skip(linesTold).forEach(this::tell);
        linesTold = lines.size();
        pods.newArrivals().forEach(this::tell);
        if (!hookTold && parts.autoScaling().stateOf(notice.action()) instanceof Completed(var result, Instant at)) {
            hookTold = true;
            tell(
                    at,
                    scenery.scaledIn(),
                    Ink.GREEN,
                    "hook %s is completed with %s; Auto Scaling goes on".formatted(Scenery.HOOK, result));
        }
    }

    private void tell(Arrival arrival) {
        var pod = arrival.pod();
        int desired = scenery.deployments().stream()
                .filter(workload -> workload.name().equals(pod.workload()))
                .findFirst()
                .orElseThrow()
                .desired();
        timeline.add(new Moment(
                arrival.at(),
                Scenery.shortName(pod.node()),
                Ink.GREEN,
                "%s is Ready here; %s has %d of %d"
                        .formatted(pod.name(), pod.workload(), arrival.available(), desired)));
    }

    private void tell(Line line) {
        Stream.of(LogEvent.values())
                .filter(line::is)
                .findFirst()
                .ifPresent(event -> sentence(event, line)
                        .ifPresent(
                                sentence -> timeline.add(new Moment(line.at(), nodeOf(line), inkOf(event), sentence))));
    }

    private void tell(Instant at, LabNode node, Ink ink, String text) {
        timeline.add(new Moment(at, Scenery.shortName(node), ink, text));
    }

    private Optional<String> sentence(LogEvent event, Line line) {
        String pod = withoutNamespace(line.get(Field.POD));
        String budget = withoutNamespace(line.get(Field.BUDGET));
        return switch (event) {
            case INTERRUPTION_RECEIVED -> Optional.of("Glidepath has read the message: " + line.get(Field.KIND));
            case NODE_CORDONED -> Optional.of("cordoned and tainted; the scheduler looks elsewhere");
            case DRAIN_STARTED ->
                Optional.of("%s pods have to leave before +%s"
                        .formatted(line.get(Field.PODS), sinceNotice(Instant.parse(line.get(Field.DEADLINE)))));
            case POD_STAYS -> Optional.of("%s stays (%s)".formatted(pod, line.get(Field.REASON)));
            case EVICTION_BLOCKED -> Optional.of("%s has to wait: budget %s has no room".formatted(pod, budget));
            case POD_EVICTED ->
                Optional.of(
                        budget.isEmpty()
                                ? pod + " evicted"
                                : "%s evicted; budget %s held it back for %s".formatted(pod, budget, blockedFor(line)));
            case LIFECYCLE_HEARTBEAT ->
                Optional.of("heartbeat sent: hook %s holds on a little longer".formatted(line.get(Field.HOOK)));
            case DRAIN_FINISHED ->
                Optional.of(
                        line.get(Field.LEFT).equals("0")
                                ? "empty: every pod that had to leave is gone"
                                : "%s; %s pods left".formatted(line.get(Field.OUTCOME), line.get(Field.LEFT)));
            case MESSAGE_DELETED -> Optional.of("its message is deleted from the queue");
            case DEPARTURE_SETTLED -> Optional.of("settled: nothing is owed to anyone");
            // Auto Scaling tells this one itself.
            case GLIDEPATH_STARTED, GLIDEPATH_STOPPING, LIFECYCLE_COMPLETED -> Optional.empty();
            // The table at the end tells the same.
            case POD_REPORTED -> Optional.empty();
            case DRY_RUN,
                    EVICTION_WITHOUT_EFFECT,
                    CONFIG_UNKNOWN,
                    NTH_CONFIG_TAKEN,
                    NTH_CONFIG_MISSING,
                    INTERRUPTION_IGNORED,
                    DEPARTURE_PLANNED,
                    DEPARTURE_TAKEN_OVER,
                    NODE_RESTORED,
                    LIFECYCLE_NOT_OURS,
                    MESSAGE_UNDECODABLE,
                    MESSAGE_INCOMPLETE,
                    MESSAGE_FAILED,
                    CLOCK_WRONG,
                    CLOCK_RIGHT,
                    NODE_AWAITED,
                    EVICTION_REFUSED,
                    POD_WITHOUT_OWNER,
                    POD_DELETED,
                    DEADLINE_MOVED,
                    NODE_OUT_OF_SERVICE,
                    NODE_BACK_IN_SERVICE,
                    LIFECYCLE_LEFT,
                    LIFECYCLE_UNDECIDED,
                    LIFECYCLE_GIVEN_UP,
                    LAUNCH_LEFT_IN_QUEUE,
                    ACT_FAILED,
                    ACT_DENIED,
                    ACT_RECOVERED,
                    PERMISSION_REQUIRED,
                    PERMISSION_MISSING,
                    PERMISSION_GRANTED,
                    MESSAGE_HANDED_BACK,
                    RECEIVING_PAUSED,
                    RECEIVING_RESUMED,
                    JOURNAL_UNREADABLE,
                    RELEASES_OVERLAP,
                    NODES_WITHOUT_INSTANCE,
                    DEPARTURE_FAILED -> Optional.of(line.message());
        };
    }

    private static Ink inkOf(LogEvent event) {
        return switch (event) {
            case EVICTION_BLOCKED -> Ink.YELLOW;
            case DRAIN_FINISHED, DEPARTURE_SETTLED -> Ink.GREEN;
            case CONFIG_UNKNOWN,
                    NTH_CONFIG_MISSING,
                    MESSAGE_UNDECODABLE,
                    MESSAGE_INCOMPLETE,
                    MESSAGE_FAILED,
                    CLOCK_WRONG,
                    ACT_FAILED,
                    ACT_DENIED,
                    PERMISSION_REQUIRED,
                    PERMISSION_MISSING,
                    RECEIVING_PAUSED,
                    DEPARTURE_FAILED -> Ink.RED;
            default -> Ink.PLAIN;
        };
    }

    /** A line from before the node was found knows the instance only. */
    private String nodeOf(Line line) {
        return scenery.nodes().stream()
                .filter(node -> node.instance().value().equals(line.get(Field.INSTANCE)))
                .map(Scenery::shortName)
                .findFirst()
                .orElse("");
    }

    private String sinceNotice(Instant at) {
        return Timeline.seconds(Duration.between(notice.at(), at));
    }

    private static String blockedFor(Line line) {
        return Timeline.seconds(Duration.parse(line.get(Field.BLOCKED_FOR)));
    }

    private static String withoutNamespace(String pod) {
        return pod.substring(pod.indexOf('/') + 1);
    }
}
