package dev.glidepath.doctor.aws;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.doctor.Check;
import dev.glidepath.doctor.Finding;
import dev.glidepath.event.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.DescribeRuleResponse;
import software.amazon.awssdk.services.eventbridge.model.EventBridgeException;
import software.amazon.awssdk.services.eventbridge.model.ListRuleNamesByTargetResponse;
import software.amazon.awssdk.services.eventbridge.model.RuleState;
import software.amazon.awssdk.services.eventbridge.model.Target;

/**
 * Checks that rules of EventBridge send each kind of interruption to the queue.
 *
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html">Event patterns</a>
 */
final class RulesCheck implements Check {
    private final EventBridgeClient eventBridge;
    private final Supplier<Optional<String>> queueArn;
    private final Set<Kind> answered;

    /**
     * @param queueArn read after the check of the queue
     * @param answered the kinds of interruption to which the daemon responds
     */
    RulesCheck(EventBridgeClient eventBridge, Supplier<Optional<String>> queueArn, Set<Kind> answered) {
        this.eventBridge = eventBridge;
        this.queueArn = queueArn;
        this.answered = Set.copyOf(answered);
    }

    /** The events that announce a kind. Any one of them is enough. */
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
    private record Rule(String name, boolean enabled, JsonNode pattern, List<Target> targets) {
        boolean isFor(Kind kind) {
            return feedsOf(kind).stream()
                    .anyMatch(feed -> allows("source", feed.source()) && allows("detail-type", feed.detailType()));
        }

        /** A matcher that is not plain text, such as a wildcard, is taken to match. */
        private boolean allows(String field, String value) {
            JsonNode allowed = pattern.path(field);
            return allowed.isMissingNode()
                    || Json.oneOrMany(allowed)
                            .anyMatch(one -> !one.isTextual() || one.asText().equals(value));
        }

        boolean sendsAsItIs() {
            return targets.stream()
                    .allMatch(target ->
                            target.input() == null && target.inputPath() == null && target.inputTransformer() == null);
        }

        boolean keepsUndelivered() {
            return targets.stream().allMatch(target -> target.deadLetterConfig() != null);
        }
    }

    @Override
    public String about() {
        return "rules";
    }

    @Override
    public Set<String> after() {
        return Set.of(CREDENTIALS);
    }

    @Override
    public List<Finding> run() {
        if (queueArn.get().isEmpty()) {
            return List.of(Finding.warn(about(), "not looked at, because of the queue", "mend the queue first"));
        }
        try {
            return findings(rules(queueArn.get().get()));
        } catch (EventBridgeException refused) {
            if (!AwsFailures.isDenied(refused)) {
                throw refused;
            }
            return List.of(Finding.warn(
                    about(),
                    "AWS does not let us look at them: " + AwsFailures.words(refused),
                    "allow events:ListRuleNamesByTarget, events:DescribeRule and events:ListTargetsByRule: DoctorAccess of"
                            + " the template in iam/"));
        }
    }

    private List<Finding> findings(List<Rule> rules) {
        List<Finding> findings = new ArrayList<>();
        List<Rule> enabled = rules.stream().filter(Rule::enabled).toList();
        List<Kind> brought = answered.stream()
                .sorted()
                .filter(kind -> enabled.stream().anyMatch(rule -> rule.isFor(kind)))
                .toList();
        if (!brought.isEmpty()) {
            findings.add(Finding.ok(
                    about(),
                    "%d rules bring %s"
                            .formatted(
                                    enabled.size(),
                                    brought.stream().map(Kind::label).collect(Collectors.joining(", ")))));
        }
        answered.stream()
                .sorted()
                .filter(kind -> !brought.contains(kind))
                .map(kind -> missing(kind, rules))
                .forEach(findings::add);
        enabled.stream()
                .filter(rule -> !rule.sendsAsItIs())
                .map(rule -> Finding.fail(
                        about(),
                        "rule %s changes what it sends: it cannot be read".formatted(rule.name()),
                        "let its target have the event as it is, without an input transformer"))
                .forEach(findings::add);
        enabled.stream()
                .filter(rule -> !rule.keepsUndelivered())
                .map(rule -> Finding.warn(
                        about(),
                        "what rule %s cannot deliver is lost".formatted(rule.name()),
                        "give its target a dead-letter queue, as the template in iam/ does"))
                .forEach(findings::add);
        return findings;
    }

    /** Without spot interruptions nothing announces the end of a spot instance; other kinds have a second source, or are rare. */
    private Finding missing(Kind kind, List<Rule> rules) {
        Optional<Rule> disabled =
                rules.stream().filter(rule -> rule.isFor(kind)).findFirst();
        String found = disabled.map(
                        rule -> "rule %s, which brings %s, is disabled".formatted(rule.name(), kind.label()))
                .orElse("no rule that sends to the queue brings " + kind.label());
        String remedy = disabled.map(rule -> "enable it: aws events enable-rule --name " + rule.name())
                .orElse("send \"%s\" to the queue by a rule, as the template in iam/ does"
                        .formatted(feedsOf(kind).getFirst().detailType()));
        return kind == Kind.SPOT_INTERRUPTION
                ? Finding.fail(about(), found, remedy)
                : Finding.warn(about(), found, remedy);
    }

    private List<Rule> rules(String arn) {
        List<Rule> rules = new ArrayList<>();
        @Nullable String next = null;
        do {
            String from = next;
            ListRuleNamesByTargetResponse page =
                    eventBridge.listRuleNamesByTarget(ask -> ask.targetArn(arn).nextToken(from));
            page.ruleNames().forEach(name -> rules.add(rule(name, arn)));
            next = page.nextToken();
        } while (next != null);
        return rules;
    }

    private Rule rule(String name, String arn) {
        DescribeRuleResponse rule = eventBridge.describeRule(ask -> ask.name(name));
        List<Target> targets = eventBridge.listTargetsByRule(ask -> ask.rule(name)).targets().stream()
                .filter(target -> target.arn().equals(arn))
                .toList();
        JsonNode pattern = Json.parse(rule.eventPattern() == null ? "{}" : rule.eventPattern());
        return new Rule(name, rule.state() != RuleState.DISABLED, pattern, targets);
    }
}
