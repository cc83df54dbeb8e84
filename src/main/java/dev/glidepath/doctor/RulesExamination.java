package dev.glidepath.doctor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.event.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.DescribeRuleResponse;
import software.amazon.awssdk.services.eventbridge.model.EventBridgeException;
import software.amazon.awssdk.services.eventbridge.model.RuleState;

/**
 * Whether rules of EventBridge bring each kind of interruption to the queue.
 *
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html">Event patterns</a>
 */
final class RulesExamination implements Examination {
    private static final JsonMapper JSON = new JsonMapper();

    private final EventBridgeClient eventBridge;
    private final String queueArn;
    private final Set<Kind> wanted;

    /** @param wanted the kinds that something is done about */
    RulesExamination(EventBridgeClient eventBridge, String queueArn, Set<Kind> wanted) {
        this.eventBridge = eventBridge;
        this.queueArn = queueArn;
        this.wanted = Set.copyOf(wanted);
    }

    /** What EventBridge must send for us to hear of a kind: any one of these. */
    private static List<Feed> feedsOf(Kind kind) {
        return switch (kind) {
            case SPOT_INTERRUPTION -> ec2("EC2 Spot Instance Interruption Warning");
            case REBALANCE_RECOMMENDATION -> ec2("EC2 Instance Rebalance Recommendation");
            case STATE_CHANGE -> ec2("EC2 Instance State-change Notification");
            case ASG_TERMINATION -> List.of(new Feed("aws.autoscaling", "EC2 Instance-terminate Lifecycle Action"));
            case ASG_LAUNCH -> List.of(new Feed("aws.autoscaling", "EC2 Instance-launch Lifecycle Action"));
            case SCHEDULED_CHANGE, HEALTH_NOTICE -> List.of(new Feed("aws.health", "AWS Health Event"));
            case CAPACITY_RESERVATION ->
                ec2(
                        "EC2 Capacity Reservation Instance Interruption Warning",
                        "EC2 Interruptible Capacity Reservation Instance Interruption Warning",
                        "Capacity Block Expiration Warning",
                        "Capacity Block Reservation Expiration Warning");
        };
    }

    private record Feed(String source, String detailType) {}

    private static List<Feed> ec2(String... detailTypes) {
        return Stream.of(detailTypes).map(type -> new Feed("aws.ec2", type)).toList();
    }

    /** A rule that sends to the queue. */
    private record Rule(String name, boolean enabled, JsonNode pattern, boolean keepsUndelivered) {
        boolean brings(Feed feed) {
            return enabled && allows("source", feed.source()) && allows("detail-type", feed.detailType());
        }

        private boolean allows(String field, String value) {
            JsonNode allowed = pattern.path(field);
            return allowed.isMissingNode()
                    || StreamSupport.stream(allowed.spliterator(), false)
                            .anyMatch(one -> one.isTextual()
                                    ? one.asText().equals(value)
                                    : value.startsWith(one.path("prefix").asText(value + "?")));
        }
    }

    @Override
    public String about() {
        return "rules";
    }

    @Override
    public List<Finding> look() {
        try {
            List<Rule> rules = rules();
            List<Finding> findings = new ArrayList<>();
            wanted.stream().sorted().forEach(kind -> findings.add(findingOf(kind, rules)));
            rules.stream()
                    .filter(rule -> !rule.enabled())
                    .map(rule -> Finding.warn(about(), "rule %s is disabled".formatted(rule.name()), "enable it"))
                    .forEach(findings::add);
            rules.stream()
                    .filter(rule -> rule.enabled() && !rule.keepsUndelivered())
                    .map(rule -> Finding.warn(
                            about(),
                            "what rule %s cannot deliver is lost".formatted(rule.name()),
                            "give its target a dead-letter queue, as the template in iam/ does"))
                    .forEach(findings::add);
            return findings;
        } catch (EventBridgeException refused) {
            return List.of(
                    Failures.isDenied(refused)
                            ? Finding.warn(
                                    about(),
                                    "AWS does not let us look at them: " + Failures.words(refused),
                                    "run it with credentials that may, or let the role look: iam/ has a switch for that")
                            : Finding.fail(about(), Failures.words(refused), "see whether the region is right"));
        }
    }

    private Finding findingOf(Kind kind, List<Rule> rules) {
        List<String> bringing = rules.stream()
                .filter(rule -> feedsOf(kind).stream().anyMatch(rule::brings))
                .map(Rule::name)
                .toList();
        if (!bringing.isEmpty()) {
            return Finding.ok(about(), "%s comes by %s".formatted(kind.label(), String.join(", ", bringing)));
        }
        String found = "no rule that sends to the queue brings " + kind.label();
        String remedy = "add a rule for \"%s\", as the template in iam/ does"
                .formatted(feedsOf(kind).getFirst().detailType());
        return kind == Kind.SPOT_INTERRUPTION
                ? Finding.fail(about(), found, remedy)
                : Finding.warn(about(), found, remedy);
    }

    private List<Rule> rules() {
        return eventBridge.listRuleNamesByTarget(ask -> ask.targetArn(queueArn)).ruleNames().stream()
                .map(this::rule)
                .toList();
    }

    private Rule rule(String name) {
        DescribeRuleResponse rule = eventBridge.describeRule(ask -> ask.name(name));
        boolean keepsUndelivered = eventBridge.listTargetsByRule(ask -> ask.rule(name)).targets().stream()
                .filter(target -> target.arn().equals(queueArn))
                .allMatch(target -> target.deadLetterConfig() != null);
        return new Rule(name, rule.state() == RuleState.ENABLED, pattern(rule.eventPattern()), keepsUndelivered);
    }

    private static JsonNode pattern(String json) {
        try {
            return JSON.readTree(json == null ? "{}" : json);
        } catch (JsonProcessingException unreadable) {
            throw new IllegalArgumentException("EventBridge told something else than JSON", unreadable);
        }
    }
}
