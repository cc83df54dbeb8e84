package dev.glidepath.event;

import static java.util.stream.Collectors.toCollection;

import dev.glidepath.event.Decoded.Announced;
import dev.glidepath.event.Decoded.Ignored;
import dev.glidepath.event.Decoded.Reason;
import dev.glidepath.event.Interruption.HealthNotice;
import dev.glidepath.event.Interruption.ScheduledChange;
import dev.glidepath.event.Interruption.ScheduledChangeClosed;
import dev.glidepath.event.Interruption.Window;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

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
        Set<InstanceId> instances = instances(root, detail);
        if (instances.isEmpty()) {
            return new Ignored(Reason.INFORMATIONAL, type);
        }
        Function<InstanceId, Interruption> told = interruption(root, detail);
        return new Announced(instances.stream().map(told).toList());
    }

    private static Function<InstanceId, Interruption> interruption(Fields root, Fields detail) throws Malformed {
        Instant noticedAt = root.time("time");
        String event = detail.id("eventArn");
        // Not in events of the older form. What is told twice is then known by its envelope.
        String communication =
                detail.idIfAny("communicationId").or(() -> root.idIfAny("id")).orElseGet(noticedAt::toString);
        boolean scheduled = detail.word("eventTypeCategory").equals("scheduledChange");
        if (scheduled && detail.word("statusCode").equalsIgnoreCase("closed")) {
            return instance -> new ScheduledChangeClosed(instance, noticedAt, event, communication);
        }
        Optional<Window> window = scheduled ? window(detail) : Optional.empty();
        if (window.isPresent()) {
            return instance -> new ScheduledChange(instance, noticedAt, event, communication, window.get());
        }
        String code = detail.idIfAny("eventTypeCode").orElse("unknown");
        return instance -> new HealthNotice(instance, noticedAt, event, communication, code);
    }

    /** Each once, in their order. The older form has no entities, only the envelope's resources. */
    private static Set<InstanceId> instances(Fields root, Fields detail) {
        Set<InstanceId> named = instances(detail.objects("affectedEntities").map(entity -> entity.word("entityValue")));
        return named.isEmpty() ? instances(root.resources().stream()) : named;
    }

    /** Those that are instance ids, or ARNs of instances: an entity may be a host, a volume, an account. */
    private static Set<InstanceId> instances(Stream<String> entities) {
        return entities.map(Fields::lastPart)
                .filter(InstanceId::isValid)
                .map(InstanceId::new)
                .collect(toCollection(LinkedHashSet::new));
    }

    /** An end that is not after the start says nothing: retirements have such ones. */
    private static Optional<Window> window(Fields detail) {
        Optional<Instant> end = detail.timeIfAny("endTime", "the window counts as one of two hours");
        return detail.timeIfAny("startTime", "nothing but a notice is made of it")
                .map(Window::startingAt)
                .map(window -> end.map(window::until).orElse(window));
    }
}
