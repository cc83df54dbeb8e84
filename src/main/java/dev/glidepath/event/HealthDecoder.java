package dev.glidepath.event;

import dev.glidepath.event.Decoded.Announced;
import dev.glidepath.event.Decoded.Ignored;
import dev.glidepath.event.Decoded.Reason;
import dev.glidepath.event.Interruption.HealthNotice;
import dev.glidepath.event.Interruption.ScheduledChange;
import dev.glidepath.event.Interruption.ScheduledChangeClosed;
import dev.glidepath.event.Interruption.Window;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads what AWS Health says of EC2. It is told by the category of the event, not by its code: AWS adds codes. Each page of a
 * long event comes as a message of its own, with a communication id of its own, and is read by itself.
 *
 * @see <a href="https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html">AWS Health events</a>
 */
final class HealthDecoder {
    private HealthDecoder() {}

    /**
     * @throws Malformed when it is about instances of EC2, and does not say which event it is
     */
    static Decoded event(String type, Fields root) throws Malformed {
        return switch (type) {
            case "AWS Health Event" -> healthEvent(type, root);
            case "AWS Health Abuse Event" -> new Ignored(Reason.INFORMATIONAL, type);
            default -> new Ignored(Reason.UNKNOWN_KIND, type);
        };
    }

    private static Decoded healthEvent(String type, Fields root) throws Malformed {
        Fields detail = root.in("detail");
        if (!detail.text("service").equals("EC2")) {
            return new Ignored(Reason.OTHER_SERVICE, type);
        }
        List<Entity> entities = entities(root, detail);
        if (entities.isEmpty()) {
            return new Ignored(Reason.INFORMATIONAL, type);
        }
        Function<Entity, Interruption> told = interruption(root, detail);
        return new Announced(entities.stream().map(told).toList());
    }

    /**
     * An instance that is named.
     *
     * @param isResolved whether the event is over for it, though not for others
     */
    private record Entity(InstanceId instance, boolean isResolved) {}

    private static Function<Entity, Interruption> interruption(Fields root, Fields detail) throws Malformed {
        Instant noticedAt = root.time("time");
        String event = detail.id("eventArn");
        // Not in events of the older form. What is told twice is then known by its envelope.
        String communication =
                detail.idIfAny("communicationId").or(() -> root.idIfAny("id")).orElseGet(noticedAt::toString);
        if (!detail.word("eventTypeCategory").equals("scheduledChange")) {
            String code = detail.idIfAny("eventTypeCode").orElse("unknown");
            return entity -> new HealthNotice(entity.instance(), noticedAt, event, communication, code);
        }
        if (detail.word("statusCode").equalsIgnoreCase("closed")) {
            return entity -> new ScheduledChangeClosed(entity.instance(), noticedAt, event, communication);
        }
        Optional<Window> window = window(detail, noticedAt);
        return entity -> entity.isResolved()
                ? new ScheduledChangeClosed(entity.instance(), noticedAt, event, communication)
                : new ScheduledChange(entity.instance(), noticedAt, event, communication, window);
    }

    /** Each once, in their order. The older form has no entities, only the envelope's resources. */
    private static List<Entity> entities(Fields root, Fields detail) {
        Map<InstanceId, Boolean> named = new LinkedHashMap<>();
        detail.objects("affectedEntities")
                .forEach(entity -> instance(entity.word("entityValue"))
                        .ifPresent(instance -> named.merge(
                                instance, entity.word("status").equalsIgnoreCase("RESOLVED"), Boolean::logicalAnd)));
        if (named.isEmpty()) {
            root.resources().forEach(each -> instance(each).ifPresent(instance -> named.put(instance, false)));
        }
        return named.entrySet().stream()
                .map(each -> new Entity(each.getKey(), each.getValue()))
                .toList();
    }

    /** Of an instance id, or the ARN of an instance: an entity may be a host, a volume, an account. */
    private static Optional<InstanceId> instance(String entity) {
        return Optional.of(Fields.lastPart(entity)).filter(InstanceId::isValid).map(InstanceId::new);
    }

    /**
     * When it is done. An end that is not after the start says nothing: retirements have such ones. One that is under way, and of which
     * nobody can read when it began, began when AWS spoke. One that is to come is left without a window: two weeks are usual, and to take
     * it for one that may begin at once would cost the pods of every such node their budgets.
     */
    private static Optional<Window> window(Fields detail, Instant noticedAt) {
        boolean isUnderWay = detail.word("statusCode").equalsIgnoreCase("open");
        Optional<Instant> end = detail.timeIfAny("endTime", "the window counts as one of two hours");
        return detail.timeOrNote(
                        "startTime",
                        isUnderWay
                                ? "the window counts as begun when AWS spoke"
                                : "the node is drained now, within its pods' budgets and without a deadline")
                .or(() -> isUnderWay ? Optional.of(noticedAt) : Optional.empty())
                .map(Window::startingAt)
                .map(window -> end.map(window::until).orElse(window));
    }
}
