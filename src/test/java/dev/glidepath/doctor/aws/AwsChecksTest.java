package dev.glidepath.doctor.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.glidepath.doctor.Check;
import dev.glidepath.doctor.Finding;
import dev.glidepath.doctor.Finding.Level;
import dev.glidepath.event.Kind;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.DescribeRuleRequest;
import software.amazon.awssdk.services.eventbridge.model.DescribeRuleResponse;
import software.amazon.awssdk.services.eventbridge.model.EventBridgeException;
import software.amazon.awssdk.services.eventbridge.model.ListRuleNamesByTargetRequest;
import software.amazon.awssdk.services.eventbridge.model.ListRuleNamesByTargetResponse;
import software.amazon.awssdk.services.eventbridge.model.ListTargetsByRuleRequest;
import software.amazon.awssdk.services.eventbridge.model.ListTargetsByRuleResponse;
import software.amazon.awssdk.services.eventbridge.model.Target;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlResponse;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.SqsException;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityRequest;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityResponse;
import software.amazon.awssdk.services.sts.model.StsException;

/** What is found at AWS where a moto server cannot be brought to say so: refusals, roles, many pages. */
class AwsChecksTest {
    private static final String QUEUE = "arn:aws:sqs:eu-west-1:123456789012:glidepath";
    private static final String LETTERS = QUEUE + "-dlq";
    private static final AwsErrorDetails DENIED = AwsErrorDetails.builder()
            .errorCode("AccessDenied")
            .errorMessage("not authorized")
            .build();

    // Credentials.

    @ParameterizedTest
    @CsvSource({
        "arn:aws:sts::123456789012:assumed-role/glidepath/eks-glidepath-7d4b9c6f5, OK",
        "arn:aws:iam::123456789012:user/jane, OK",
        "arn:aws:sts::123456789012:assumed-role/nodes/i-0123456789abcdef0, WARN"
    })
    void tellsWhoWeAreAndWhetherThatIsTheNode(String arn, Level level) throws Check.NoAccess {
        assertThat(credentials(() -> arn)).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(level);
            assertThat(finding.found()).startsWith(arn);
        });
    }

    @Test
    void refusedCredentialsCloseAws() {
        assertThatThrownBy(() -> credentials(() -> {
                    throw StsException.builder()
                            .statusCode(403)
                            .awsErrorDetails(AwsErrorDetails.builder()
                                    .errorCode("ExpiredToken")
                                    .errorMessage("The security token included in the request is expired")
                                    .build())
                            .build();
                }))
                .isInstanceOf(Check.NoAccess.class)
                .hasMessage("AWS refuses them: The security token included in the request is expired (ExpiredToken)");
    }

    /** As the SDK tells it, abridged. */
    @Test
    void aRoleThatDoesNotTrustUsIsNamed() {
        assertThatThrownBy(() -> credentials(() -> {
                    throw SdkClientException.create(
                            "Unable to load credentials from any of the providers in the chain AwsCredentialsProviderChain("
                                    + "...) : [WebIdentityTokenCredentialsProvider(): Not authorized to perform sts:AssumeRoleWithWebIdentity"
                                    + " (Service: Sts, Status Code: 403, Request ID: 1), ProfileCredentialsProvider(): none]");
                }))
                .isInstanceOfSatisfying(
                        Check.NoAccess.class,
                        none -> assertThat(none.finding().remedy()).startsWith("let the role trust"))
                .hasMessage(
                        "there are none: the role says we are Not authorized to perform sts:AssumeRoleWithWebIdentity");
    }

    private static List<Finding> credentials(Supplier<String> arn) throws Check.NoAccess {
        return new CredentialsCheck(new StsClient() {
                    @Override
                    public GetCallerIdentityResponse getCallerIdentity(GetCallerIdentityRequest request) {
                        return GetCallerIdentityResponse.builder()
                                .arn(arn.get())
                                .build();
                    }

                    @Override
                    public String serviceName() {
                        return SERVICE_NAME;
                    }

                    @Override
                    public void close() {}
                })
                .run();
    }

    // The queue.

    @Test
    void aBacklogIsNamed() {
        assertThat(queue(attributes("1000"), attributes("0")))
                .filteredOn(finding -> finding.level() == Level.WARN)
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.found()).contains("holds 1000 messages");
                    assertThat(finding.remedy()).contains("docs/runbooks/queue-unread.md");
                });
    }

    @Test
    void aQueueThatMayNotBeLookedAtFails() {
        assertThat(queue(
                        () -> {
                            throw SqsException.builder()
                                    .statusCode(403)
                                    .awsErrorDetails(DENIED)
                                    .build();
                        },
                        attributes("0")))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(Level.WARN);
                    assertThat(finding.found()).startsWith("sqs:GetQueueAttributes on ");
                });
    }

    @Test
    void aRoleThatMayNotDeleteFailsAndOneThatMayNotKeepInvisibleIsAWarning() {
        assertThat(queue(attributes("0"), attributes("0"), () -> {
                    throw SqsException.builder()
                            .statusCode(403)
                            .awsErrorDetails(DENIED)
                            .build();
                }))
                .filteredOn(finding -> finding.level() != Level.OK)
                .satisfiesExactlyInAnyOrder(
                        delete -> {
                            assertThat(delete.level()).isEqualTo(Level.FAIL);
                            assertThat(delete.found()).startsWith("sqs:DeleteMessage on ");
                        },
                        keep -> {
                            assertThat(keep.level()).isEqualTo(Level.WARN);
                            assertThat(keep.found()).startsWith("sqs:ChangeMessageVisibility on ");
                            assertThat(keep.remedy()).contains("iam/");
                        });
    }

    @Test
    void deadLettersThatMayNotBeLookedAtAreAWarning() {
        assertThat(queue(attributes("0"), () -> {
                    throw SqsException.builder()
                            .statusCode(403)
                            .awsErrorDetails(DENIED)
                            .build();
                }))
                .last()
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(Level.WARN);
                    assertThat(finding.about()).isEqualTo("dead letters");
                    assertThat(finding.remedy()).contains("sqs:GetQueueUrl", "DoctorAccess");
                });
    }

    @Test
    void deadLettersThatHaveNoQueueAreAFailure() {
        assertThat(queue(attributes("0"), () -> {
                    throw QueueDoesNotExistException.builder().build();
                }))
                .last()
                .isEqualTo(Finding.fail(
                        "dead letters",
                        LETTERS + " is not there",
                        "make it anew, or change the queue's redrive policy"));
    }

    private static Supplier<Map<QueueAttributeName, String>> attributes(String messages) {
        Map<QueueAttributeName, String> attributes = new EnumMap<>(QueueAttributeName.class);
        attributes.put(QueueAttributeName.QUEUE_ARN, QUEUE);
        attributes.put(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, messages);
        attributes.put(
                QueueAttributeName.REDRIVE_POLICY,
                "{\"deadLetterTargetArn\": \"%s\", \"maxReceiveCount\": \"20\"}".formatted(LETTERS));
        attributes.put(QueueAttributeName.POLICY, """
                {"Statement": [
                  {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
                   "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}},
                  {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}""");
        return () -> attributes;
    }

    private static List<Finding> queue(
            Supplier<Map<QueueAttributeName, String>> ours, Supplier<Map<QueueAttributeName, String>> letters) {
        return queue(ours, letters, () -> {});
    }

    /** @param onMessages what happens when something is asked about messages */
    private static List<Finding> queue(
            Supplier<Map<QueueAttributeName, String>> ours,
            Supplier<Map<QueueAttributeName, String>> letters,
            Runnable onMessages) {
        URI url = URI.create("https://sqs.eu-west-1.amazonaws.com/123456789012/glidepath");
        SqsClient sqs = new SqsClient() {
            @Override
            public GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest request) {
                boolean isOurs = request.queueUrl().equals(url.toString());
                return GetQueueAttributesResponse.builder()
                        .attributes(isOurs ? ours.get() : letters.get())
                        .build();
            }

            @Override
            public GetQueueUrlResponse getQueueUrl(GetQueueUrlRequest request) {
                assertThat(request.queueName()).isEqualTo("glidepath-dlq");
                return GetQueueUrlResponse.builder().queueUrl(url + "-dlq").build();
            }

            @Override
            public DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
                onMessages.run();
                return DeleteMessageBatchResponse.builder().build();
            }

            @Override
            public ChangeMessageVisibilityBatchResponse changeMessageVisibilityBatch(
                    ChangeMessageVisibilityBatchRequest request) {
                onMessages.run();
                return ChangeMessageVisibilityBatchResponse.builder().build();
            }

            @Override
            public String serviceName() {
                return SERVICE_NAME;
            }

            @Override
            public void close() {}
        };
        return new QueueCheck(new Queue(sqs, url), true).run();
    }

    // The rules.

    @Test
    void rulesAreReadPageByPage() {
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
    void whatAPatternMayFitIsTakenForFitting(String pattern, Level level) {
        assertThat(rules(new ScriptedRules(Map.of("some", pattern.replace('\'', '"'))), Kind.SPOT_INTERRUPTION))
                .extracting(Finding::level)
                .containsExactly(level);
    }

    @Test
    void aSpotInterruptionMustComeAndOthersShould() {
        assertThat(rules(new ScriptedRules(Map.of()), Kind.values()))
                .allSatisfy(finding -> assertThat(finding.level())
                        .isEqualTo(finding.found().endsWith(Kind.SPOT_INTERRUPTION.label()) ? Level.FAIL : Level.WARN))
                .hasSize(Kind.values().length);
    }

    @Test
    void rulesThatMayNotBeLookedAtAreAWarning() {
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

    /** One rule a page. */
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
