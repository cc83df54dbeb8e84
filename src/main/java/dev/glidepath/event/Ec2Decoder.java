package dev.glidepath.event;

import dev.glidepath.event.Decoded.Announced;
import dev.glidepath.event.Decoded.BlockExpires;
import dev.glidepath.event.Decoded.Ignored;
import dev.glidepath.event.Decoded.Reason;
import dev.glidepath.event.Interruption.CapacityInterruption;
import dev.glidepath.event.Interruption.RebalanceRecommendation;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Interruption.StateChange;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads EC2's own events.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/automating_with_eventbridge.html">EC2 and EventBridge</a>
 */
final class Ec2Decoder {
    /** As long as a spot instance has; holds where the message does not say. */
    private static final Duration NOTICE = Duration.ofMinutes(2);

    /**
     * The warning comes 40 minutes before a block's end, and instances start to be terminated 30 minutes before it.
     *
     * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-blocks-monitor.html">Monitoring Capacity
     *     Blocks</a>
     */
    private static final Duration BLOCK_CLEARED = Duration.ofMinutes(30);

    private static final Duration BLOCK_NOTICE = Duration.ofMinutes(10);

    private static final Predicate<String> RESERVATION =
            Pattern.compile("cr-[0-9a-f]{8,32}").asMatchPredicate();

    private Ec2Decoder() {}

    /**
     * @throws Malformed when it is of a kind we act on, and does not say what that needs
     */
    static Decoded event(String type, Fields root) throws Malformed {
        Fields detail = root.in("detail");
        return switch (type) {
            case "EC2 Spot Instance Interruption Warning" ->
                announced(new SpotInterruption(detail.instance("instance-id"), root.time("time"), action(detail)));
            case "EC2 Instance Rebalance Recommendation" ->
                announced(new RebalanceRecommendation(detail.instance("instance-id"), root.time("time")));
            case "EC2 Instance State-change Notification" -> stateChange(root, detail);
            case "EC2 Capacity Reservation Instance Interruption Warning",
                    "EC2 Interruptible Capacity Reservation Instance Interruption Warning" ->
                capacityInterruption(root, detail);
            case "Capacity Block Expiration Warning", "Capacity Block Reservation Expiration Warning" ->
                blockExpires(root, detail);
            case "EC2 Spot Instance Request Fulfillment",
                    "Capacity Block Delivered",
                    "Capacity Block Reservation Delivered",
                    "EC2 Capacity Reservation Interruptible Reclamation Complete",
                    "EC2 Interruptible Capacity Reservation Allocation Reclamation Completed" ->
                new Ignored(Reason.INFORMATIONAL, type);
            default -> new Ignored(Reason.UNKNOWN_KIND, type);
        };
    }

    private static SpotAction action(Fields detail) {
        return switch (detail.word("instance-action").toLowerCase(Locale.ROOT)) {
            case "hibernate" -> SpotAction.HIBERNATE;
            case "stop" -> SpotAction.STOP;
            default -> SpotAction.TERMINATE;
        };
    }

    private static Decoded stateChange(Fields root, Fields detail) throws Malformed {
        InstanceState state = InstanceState.named(detail.text("state"))
                .orElseThrow(() -> new Malformed("state is none that EC2 documents"));
        return switch (state) {
            case PENDING, RUNNING -> new Ignored(Reason.INSTANCE_IS_UP, state.label());
            case STOPPING, SHUTTING_DOWN, STOPPED, TERMINATED ->
                announced(new StateChange(detail.instance("instance-id"), root.time("time"), state));
        };
    }

    private static Decoded capacityInterruption(Fields root, Fields detail) throws Malformed {
        Instant noticedAt = root.time("time");
        return announced(new CapacityInterruption(
                detail.instance("instance-id"),
                noticedAt,
                reservation(root, detail).orElse(""),
                detail.timeIfAny(
                                "instance-termination-time", "the instance counts as gone two minutes after the notice")
                        .orElse(noticedAt.plus(NOTICE))));
    }

    private static Decoded blockExpires(Fields root, Fields detail) throws Malformed {
        Instant noticedAt = root.time("time");
        return new BlockExpires(
                reservation(root, detail).orElseThrow(() -> new Malformed("capacity-reservation-id is missing")),
                noticedAt,
                detail.timeIfAny("end-date", "its instances count as gone ten minutes after the notice")
                        .map(end -> end.minus(BLOCK_CLEARED))
                        .orElse(noticedAt.plus(BLOCK_NOTICE)));
    }

    private static Optional<String> reservation(Fields root, Fields detail) {
        return Stream.concat(Stream.of(detail.word("capacity-reservation-id")), root.resources().stream())
                .filter(RESERVATION)
                .findFirst();
    }

    private static Announced announced(Interruption interruption) {
        return new Announced(List.of(interruption));
    }
}
