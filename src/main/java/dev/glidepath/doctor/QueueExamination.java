package dev.glidepath.doctor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.SqsException;

/**
 * Whether the queue can be reached, takes what EventBridge sends, and keeps what nobody could read.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html">
 *     GetQueueAttributes</a>
 */
final class QueueExamination implements Examination {
    private static final JsonMapper JSON = new JsonMapper();

    /** A message that is in work is received again by every replica that hands it back. */
    private static final int FEWEST_RECEIVES = 10;

    private static final Duration SHORTEST_RETENTION = Duration.ofHours(1);

    private final SqsClient sqs;
    private final URI url;

    QueueExamination(SqsClient sqs, URI url) {
        this.sqs = sqs;
        this.url = url;
    }

    @Override
    public String about() {
        return "queue";
    }

    @Override
    public List<Finding> look() {
        try {
            Map<QueueAttributeName, String> attributes = attributes(url.toString());
            List<Finding> findings = new ArrayList<>();
            findings.add(Finding.ok(
                    about(),
                    "%s holds %s messages and has %s in work"
                            .formatted(
                                    attributes.get(QueueAttributeName.QUEUE_ARN),
                                    attributes.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES),
                                    attributes.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))));
            retention(attributes).ifPresent(findings::add);
            findings.addAll(policy(attributes));
            findings.addAll(deadLetters(attributes));
            return findings;
        } catch (QueueDoesNotExistException none) {
            return List.of(
                    Finding.fail(
                            about(),
                            "there is no queue at " + url,
                            "set GLIDEPATH_QUEUE_URL to the output QueueUrl of the template in iam/, and AWS_REGION to its region"));
        } catch (SqsException refused) {
            return List.of(
                    Failures.isDenied(refused)
                            ? Finding.fail(
                                    about(),
                                    "AWS does not let us look at it: " + Failures.words(refused),
                                    "allow sqs:GetQueueAttributes on it, as the role's policy in iam/ does")
                            : Finding.fail(
                                    about(),
                                    Failures.words(refused),
                                    "see whether the queue's URL and region are right"));
        }
    }

    private Map<QueueAttributeName, String> attributes(String queueUrl) {
        return sqs.getQueueAttributes(ask -> ask.queueUrl(queueUrl).attributeNames(QueueAttributeName.ALL))
                .attributes();
    }

    private Optional<Finding> retention(Map<QueueAttributeName, String> attributes) {
        Duration retention = Duration.ofSeconds(
                Long.parseLong(attributes.getOrDefault(QueueAttributeName.MESSAGE_RETENTION_PERIOD, "345600")));
        return retention.compareTo(SHORTEST_RETENTION) < 0
                ? Optional.of(Finding.warn(
                        about(),
                        "messages are lost after %d s: a lifecycle action that nobody received until then is too"
                                .formatted(retention.toSeconds()),
                        "set MessageRetentionPeriod to 4 days (345600)"))
                : Optional.empty();
    }

    private List<Finding> policy(Map<QueueAttributeName, String> attributes) {
        String text = attributes.getOrDefault(QueueAttributeName.POLICY, "");
        List<JsonNode> statements = statements(text);
        boolean eventBridgeMaySend = statements.stream().anyMatch(QueueExamination::letsEventBridgeSend);
        List<Finding> findings = new ArrayList<>();
        findings.add(
                eventBridgeMaySend
                        ? Finding.ok(about(), "its policy lets EventBridge send")
                        : Finding.fail(
                                about(),
                                "its policy does not let EventBridge send: no event arrives",
                                "allow sqs:SendMessage to events.amazonaws.com for the rules' ARNs, as the template in iam/ does"));
        if (statements.stream()
                .filter(QueueExamination::letsEventBridgeSend)
                .anyMatch(QueueExamination::isUnconditional)) {
            findings.add(Finding.warn(
                    about(),
                    "its policy lets EventBridge send for anybody's rules, in any account",
                    "narrow it by aws:SourceArn and aws:SourceAccount"));
        }
        if (statements.stream().noneMatch(QueueExamination::deniesPlainText)) {
            findings.add(Finding.warn(
                    about(), "its policy allows requests without TLS", "deny all where aws:SecureTransport is false"));
        }
        return findings;
    }

    private List<Finding> deadLetters(Map<QueueAttributeName, String> attributes) {
        String text = attributes.getOrDefault(QueueAttributeName.REDRIVE_POLICY, "");
        if (text.isEmpty()) {
            return List.of(Finding.warn(
                    about(),
                    "it has no dead-letter queue: a message that cannot be read is deleted after three receives",
                    "give it a redrive policy, as the template in iam/ does"));
        }
        JsonNode redrive = parse(text);
        int receives = redrive.path("maxReceiveCount").asInt();
        String arn = redrive.path("deadLetterTargetArn").asText();
        Finding letters = letters(arn);
        return receives >= FEWEST_RECEIVES
                ? List.of(letters)
                : List.of(
                        letters,
                        Finding.warn(
                                about(),
                                "messages go to the dead-letter queue after %d receives: hand-backs of a long departure count too"
                                        .formatted(receives),
                                "set maxReceiveCount to 20"));
    }

    private Finding letters(String arn) {
        String name = arn.substring(arn.lastIndexOf(':') + 1);
        try {
            String url = sqs.getQueueUrl(ask -> ask.queueName(name)).queueUrl();
            String waiting = attributes(url).getOrDefault(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, "0");
            return waiting.equals("0")
                    ? Finding.ok("dead letters", arn + " is empty")
                    : Finding.warn(
                            "dead letters",
                            "%s holds %s messages that nobody could read or settle".formatted(arn, waiting),
                            "look at one of them, and see docs/runbooks/dead-letters.md");
        } catch (QueueDoesNotExistException gone) {
            return Finding.fail(
                    "dead letters", arn + " is not there", "make it anew, or change the queue's redrive policy");
        } catch (SqsException refused) {
            return Finding.warn(
                    "dead letters",
                    "AWS does not let us look at %s: %s".formatted(arn, Failures.words(refused)),
                    "allow sqs:GetQueueUrl and sqs:GetQueueAttributes on it");
        }
    }

    private static boolean letsEventBridgeSend(JsonNode statement) {
        return statement.path("Effect").asText().equals("Allow")
                && texts(statement.at("/Principal/Service")).anyMatch("events.amazonaws.com"::equals)
                && texts(statement.path("Action")).anyMatch(action -> action.equalsIgnoreCase("sqs:SendMessage"));
    }

    private static boolean isUnconditional(JsonNode statement) {
        return !statement.path("Condition").toString().contains("aws:Source");
    }

    private static boolean deniesPlainText(JsonNode statement) {
        return statement.path("Effect").asText().equals("Deny")
                && statement.at("/Condition/Bool/aws:SecureTransport").asText().equals("false");
    }

    private static List<JsonNode> statements(String policy) {
        return policy.isEmpty()
                ? List.of()
                : StreamSupport.stream(parse(policy).path("Statement").spliterator(), false)
                        .toList();
    }

    /** One text, or several. */
    private static Stream<String> texts(JsonNode node) {
        return node.isArray()
                ? StreamSupport.stream(node.spliterator(), false).map(JsonNode::asText)
                : Stream.of(node.asText());
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException unreadable) {
            throw new IllegalArgumentException("SQS told something else than JSON", unreadable);
        }
    }
}
