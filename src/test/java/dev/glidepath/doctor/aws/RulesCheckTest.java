package dev.glidepath.doctor.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.doctor.Finding;
import dev.glidepath.doctor.Finding.Level;
import dev.glidepath.event.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.DescribeRuleRequest;
import software.amazon.awssdk.services.eventbridge.model.DescribeRuleResponse;
import software.amazon.awssdk.services.eventbridge.model.EventBridgeException;
import software.amazon.awssdk.services.eventbridge.model.ListRuleNamesByTargetRequest;
import software.amazon.awssdk.services.eventbridge.model.ListRuleNamesByTargetResponse;
import software.amazon.awssdk.services.eventbridge.model.ListTargetsByRuleRequest;
import software.amazon.awssdk.services.eventbridge.model.ListTargetsByRuleResponse;
import software.amazon.awssdk.services.eventbridge.model.Target;

/** Answers of EventBridge that a moto server does not give. */
class RulesCheckTest {
    private static final String QUEUE = "arn:aws:sqs:eu-west-1:123456789012:glidepath";
    private static final String LETTERS = QUEUE + "-dlq";

    @Test
    void readsRulesPageByPage() {
        var rules = new ScriptedRules(Map.of(
                "spot", "{\"source\": [\"aws.ec2\"], \"detail-type\": [\"EC2 Spot Instance Interruption Warning\"]}",
                "health", "{\"source\": [\"aws.health\"]}"));

        assertThat(rules(rules, Kind.SPOT_INTERRUPTION, Kind.HEALTH_NOTICE, Kind.SCHEDULED_CHANGE))
                .containsExactly(
                        Finding.ok("rules", "2 rules bring spot-interruption, scheduled-change, health-notice"));
        assertThat(rules.pages).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                                                                             | OK",
                "{'source': ['aws.ec2']}                                                        | OK",
                "{'source': [{'prefix': 'aws.'}]}                                               | OK",
                "{'source': ['aws.ec2'], 'detail-type': [{'wildcard': '*Spot*'}]}               | OK",
                "{'source': ['aws.health']}                                                     | FAIL",
                "{'source': ['aws.ec2'], 'detail-type': ['EC2 Instance Rebalance Recommendation']} | FAIL"
            })
    void acceptsAPatternThatMayMatch(String pattern, Level level) {
        assertThat(rules(new ScriptedRules(Map.of("some", pattern.replace('\'', '"'))), Kind.SPOT_INTERRUPTION))
                .extracting(Finding::level)
                .containsExactly(level);
    }

    @Test
    void failsWithoutSpotInterruptionsAndWarnsWithoutOthers() {
        assertThat(rules(new ScriptedRules(Map.of()), Kind.values()))
                .allSatisfy(finding -> assertThat(finding.level())
                        .isEqualTo(finding.found().endsWith(Kind.SPOT_INTERRUPTION.label()) ? Level.FAIL : Level.WARN))
                .hasSize(Kind.values().length);
    }

    @Test
    void warnsWhenRulesMayNotBeRead() {
        var rules = new ScriptedRules(Map.of("some", "{}"));
        rules.denied = true;

        assertThat(rules(rules, Kind.values())).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Level.WARN);
            assertThat(finding.remedy())
                    .contains(
                            "events:ListRuleNamesByTarget",
                            "events:DescribeRule",
                            "events:ListTargetsByRule",
                            "DoctorAccess");
        });
    }

    private static List<Finding> rules(EventBridgeClient rules, Kind... answered) {
        return new RulesCheck(rules, () -> Optional.of(QUEUE), Set.of(answered)).run();
    }

    /** EventBridge with one rule on each page. */
    private static final class ScriptedRules implements EventBridgeClient {
        final List<ListRuleNamesByTargetRequest> pages = new ArrayList<>();
        boolean denied;
        private final Map<String, String> patterns;

        ScriptedRules(Map<String, String> patterns) {
            this.patterns = patterns;
        }

        @Override
        public ListRuleNamesByTargetResponse listRuleNamesByTarget(ListRuleNamesByTargetRequest request) {
            pages.add(request);
            List<String> names = patterns.keySet().stream().sorted().toList();
            int from = request.nextToken() == null ? 0 : Integer.parseInt(request.nextToken());
            var page = ListRuleNamesByTargetResponse.builder()
                    .ruleNames(names.stream().skip(from).limit(1).toList());
            return (from + 1 < names.size() ? page.nextToken(Integer.toString(from + 1)) : page).build();
        }

        @Override
        public DescribeRuleResponse describeRule(DescribeRuleRequest request) {
            if (denied) {
                throw (EventBridgeException) EventBridgeException.builder()
                        .statusCode(400)
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode("AccessDeniedException")
                                .errorMessage("not authorized")
                                .build())
                        .build();
            }
            return DescribeRuleResponse.builder()
                    .name(request.name())
                    .state("ENABLED")
                    .eventPattern(patterns.get(request.name()))
                    .build();
        }

        @Override
        public ListTargetsByRuleResponse listTargetsByRule(ListTargetsByRuleRequest request) {
            return ListTargetsByRuleResponse.builder()
                    .targets(Target.builder()
                            .arn(QUEUE)
                            .deadLetterConfig(letters -> letters.arn(LETTERS))
                            .build())
                    .build();
        }

        @Override
        public String serviceName() {
            return SERVICE_NAME;
        }

        @Override
        public void close() {}
    }
}
