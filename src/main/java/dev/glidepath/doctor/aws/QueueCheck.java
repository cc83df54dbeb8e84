package dev.glidepath.doctor.aws;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.doctor.Check;
import dev.glidepath.doctor.Finding;
import dev.glidepath.doctor.Finding.Level;
import dev.glidepath.permission.Permission;
import dev.glidepath.queue.QueueException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.SqsException;

/**
 * Checks that the queue can be reached, accepts events from EventBridge, and keeps unreadable messages in a dead-letter queue.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html">
 *     GetQueueAttributes</a>
 */
final class QueueCheck implements Check {
    /** Each replica that hands back a message in work adds one receive. */
    private static final int FEWEST_RECEIVES = 10;

    /** A hook may hold an instance for two days, and its message stays in the queue as long. */
    private static final Duration SHORTEST_RETENTION = Duration.ofDays(2);

    /** More messages than a burst leaves while a replica receives. */
    private static final long MANY = 1000;

    private final Queue queue;
    private final boolean writes;

    /** @param writes whether the daemon deletes messages; a dry run does not */
    QueueCheck(Queue queue, boolean writes) {
        this.queue = queue;
        this.writes = writes;
    }

    @Override
    public String about() {
        return "queue";
    }

    @Override
    public Set<String> after() {
        return Set.of(CREDENTIALS);
    }

    @Override
    public List<Finding> run() {
        List<Finding> findings = new ArrayList<>(ofAttributes());
        if (writes && findings.stream().noneMatch(finding -> finding.level() == Level.FAIL)) {
            findings.addAll(ofPermissions());
        }
        return findings;
    }

    private List<Finding> ofAttributes() {
        try {
            Map<QueueAttributeName, String> attributes = queue.attributes();
            List<Finding> findings = new ArrayList<>();
            findings.add(backlog(attributes));
            findings.addAll(policy(QueuePolicy.of(attributes.getOrDefault(QueueAttributeName.POLICY, ""))));
            findings.addAll(storage(attributes));
            findings.addAll(deadLetters(attributes.getOrDefault(QueueAttributeName.REDRIVE_POLICY, "")));
            return findings;
        } catch (QueueDoesNotExistException none) {
            return List.of(
                    Finding.fail(
                            about(),
                            "there is no queue at " + queue.url(),
                            "set GLIDEPATH_QUEUE_URL to the output QueueUrl of the template in iam/, and AWS_REGION to its region"));
        } catch (SqsException refused) {
            if (!AwsFailures.isDenied(refused)) {
                throw refused;
            }
            return List.of(missing(Permission.GET_QUEUE_ATTRIBUTES));
        }
    }

    private List<Finding> ofPermissions() {
        try {
            return queue.missing().stream().map(this::missing).toList();
        } catch (QueueException noAnswer) {
            return List.of(Finding.warn(
                    about(), "what we may do with its messages is not known: " + noAnswer.getMessage(), "look again"));
        }
    }

    /** In the same words as the daemon's report. */
    private Finding missing(Permission permission) {
        String found = permission.notAllowed(queue.url().toString());
        String remedy = "allow it to the role, as the policy in iam/ does";
        return switch (permission.need()) {
            case REQUIRED -> Finding.fail(about(), found, remedy);
            case WANTED -> Finding.warn(about(), found, remedy);
        };
    }

    private Finding backlog(Map<QueueAttributeName, String> attributes) {
        long waiting = number(attributes, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, 0);
        String found = "%s holds %d messages and has %d in work"
                .formatted(
                        attributes.getOrDefault(
                                QueueAttributeName.QUEUE_ARN, queue.url().toString()),
                        waiting,
                        number(attributes, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE, 0));
        return waiting < MANY
                ? Finding.ok(about(), found)
                : Finding.warn(about(), found, "see docs/runbooks/queue-unread.md");
    }

    private List<Finding> policy(QueuePolicy policy) {
        List<Finding> findings = new ArrayList<>();
        if (!policy.letsEventBridgeSend()) {
            findings.add(Finding.fail(
                    about(),
                    "its policy does not let EventBridge send: no event arrives",
                    "allow sqs:SendMessage to events.amazonaws.com for the rules' ARNs, as the template in iam/ does"));
        } else if (policy.letsAnyRuleSend()) {
            findings.add(Finding.warn(
                    about(),
                    "its policy lets EventBridge send for anybody's rules, in any account",
                    "narrow it by aws:SourceArn and aws:SourceAccount"));
        } else {
            findings.add(Finding.ok(about(), "its policy lets EventBridge send"));
        }
        if (!policy.requiresTls()) {
            findings.add(Finding.warn(
                    about(), "its policy allows requests without TLS", "deny all where aws:SecureTransport is false"));
        }
        return findings;
    }

    private List<Finding> storage(Map<QueueAttributeName, String> attributes) {
        List<Finding> findings = new ArrayList<>();
        // The policy of that key cannot be changed, so EventBridge can never use it.
        if (attributes.getOrDefault(QueueAttributeName.KMS_MASTER_KEY_ID, "").endsWith("alias/aws/sqs")) {
            findings.add(
                    Finding.fail(
                            about(),
                            "it is encrypted with alias/aws/sqs, which EventBridge cannot use: no event arrives",
                            "encrypt it with SQS' own keys, or with a key of yours whose policy lets EventBridge in: iam/README.md"));
        }
        Duration retention =
                Duration.ofSeconds(number(attributes, QueueAttributeName.MESSAGE_RETENTION_PERIOD, 345_600));
        if (retention.compareTo(SHORTEST_RETENTION) < 0) {
            findings.add(Finding.warn(
                    about(),
                    "it forgets messages after %d s, and a lifecycle hook may hold an instance for 2 days"
                            .formatted(retention.toSeconds()),
                    "set MessageRetentionPeriod to 4 days (345600)"));
        }
        return findings;
    }

    private List<Finding> deadLetters(String redrivePolicy) {
        if (redrivePolicy.isEmpty()) {
            return List.of(Finding.warn(
                    about(),
                    "it has no dead-letter queue: a message that cannot be read is deleted at its third delivery",
                    "give it a redrive policy, as the template in iam/ does"));
        }
        JsonNode redrive = Json.parse(redrivePolicy);
        List<Finding> findings = new ArrayList<>();
        int receives = redrive.path("maxReceiveCount").asInt();
        if (receives < FEWEST_RECEIVES) {
            findings.add(Finding.warn(
                    about(),
                    "messages go to the dead-letter queue after %d receives: hand-backs of a long departure count too"
                            .formatted(receives),
                    "set maxReceiveCount to 20"));
        }
        findings.add(letters(redrive.path("deadLetterTargetArn").asText()));
        return findings;
    }

    private Finding letters(String arn) {
        String letters = "dead letters";
        try {
            long waiting = number(queue.attributesOf(arn), QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, 0);
            return waiting == 0
                    ? Finding.ok(letters, arn + " is empty")
                    : Finding.warn(
                            letters,
                            "%s holds %d messages that nobody could read, settle or deliver".formatted(arn, waiting),
                            "look at one of them: docs/runbooks/dead-letters.md");
        } catch (QueueDoesNotExistException gone) {
            return Finding.fail(letters, arn + " is not there", "make it anew, or change the queue's redrive policy");
        } catch (SqsException refused) {
            if (!AwsFailures.isDenied(refused)) {
                throw refused;
            }
            return Finding.warn(
                    letters,
                    "AWS does not let us look at %s: %s".formatted(arn, AwsFailures.words(refused)),
                    "allow sqs:GetQueueUrl and sqs:GetQueueAttributes on it: DoctorAccess of the template in iam/");
        }
    }

    private static long number(Map<QueueAttributeName, String> attributes, QueueAttributeName name, long otherwise) {
        String text = attributes.get(name);
        return text == null ? otherwise : Long.parseLong(text);
    }
}
