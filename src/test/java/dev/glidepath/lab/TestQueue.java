package dev.glidepath.lab;

import static java.util.Comparator.comparingInt;
import static java.util.Objects.requireNonNull;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Gatherers;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResultEntry;

/**
 * An SQS queue of a test's own, on an ElasticMQ inside this JVM. The server starts with the first queue and lives as long as
 * the JVM; queues have unique names and need no cleaning up.
 */
public final class TestQueue {
    /** Any region; the server knows none. */
    public static final String REGION = "eu-west-1";

    private static final int BATCH = 10;

    private static final URI ENDPOINT = start();
    private static final SqsClient SQS = newClient();

    private final URI url;
    private final @Nullable TestQueue deadLetters;

    private TestQueue(URI url, @Nullable TestQueue deadLetters) {
        this.url = url;
        this.deadLetters = deadLetters;
    }

    /** A queue without a dead-letter queue. */
    public static TestQueue create() {
        return new TestQueue(create(Map.of()), null);
    }

    /** A queue that moves a message to {@link #deadLetters} instead of delivering it once more. */
    public static TestQueue createWithDeadLetters(int maxReceiveCount) {
        TestQueue deadLetters = create();
        String redrive = "{\"deadLetterTargetArn\":\"%s\",\"maxReceiveCount\":\"%d\"}"
                .formatted(deadLetters.arn(), maxReceiveCount);
        return new TestQueue(create(Map.of(QueueAttributeName.REDRIVE_POLICY, redrive)), deadLetters);
    }

    /** Where the server listens, as {@code AWS_ENDPOINT_URL_SQS} wants it. */
    public static URI endpoint() {
        return ENDPOINT;
    }

    /** A client like the program's, with credentials that mean nothing; the caller's to close. */
    public static SqsClient newClient(ExecutionInterceptor... interceptors) {
        return newClient(ENDPOINT, credentials(), interceptors);
    }

    /** The same, through whatever stands at that place before the queues. */
    public static SqsClient newClient(URI endpoint) {
        return newClient(endpoint, credentials());
    }

    static SqsClient newClient(
            URI endpoint, StaticCredentialsProvider credentials, ExecutionInterceptor... interceptors) {
        return SqsClient.builder()
                .region(Region.of(REGION))
                .endpointOverride(endpoint)
                .credentialsProvider(credentials)
                .httpClientBuilder(Loopback.http())
                .overrideConfiguration(calls -> {
                    calls.retryStrategy(AwsRetryStrategy.doNotRetry());
                    for (ExecutionInterceptor interceptor : interceptors) {
                        calls.addExecutionInterceptor(interceptor);
                    }
                })
                .build();
    }

    static StaticCredentialsProvider credentials() {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create("none", "none"));
    }

    public URI url() {
        return url;
    }

    /** As a hook names it that notifies this queue. */
    public String arn() {
        return requireNonNull(attributes(QueueAttributeName.QUEUE_ARN).get(QueueAttributeName.QUEUE_ARN));
    }

    /** Where messages go that were delivered too often. */
    public TestQueue deadLetters() {
        return requireNonNull(deadLetters, "created without dead letters");
    }

    /** Puts a message in and returns its id. */
    public String send(String body) {
        return SQS.sendMessage(request -> request.queueUrl(url.toString()).messageBody(body))
                .messageId();
    }

    /** Puts messages in, in this order and ten at a time, and returns their ids. */
    public List<String> sendAll(List<String> bodies) {
        return bodies.stream()
                .gather(Gatherers.windowFixed(BATCH))
                .flatMap(this::sendBatch)
                .toList();
    }

    private Stream<String> sendBatch(List<String> bodies) {
        List<SendMessageBatchRequestEntry> entries = IntStream.range(0, bodies.size())
                .mapToObj(place -> SendMessageBatchRequestEntry.builder()
                        .id(Integer.toString(place))
                        .messageBody(bodies.get(place))
                        .build())
                .toList();
        return SQS.sendMessageBatch(request -> request.queueUrl(url.toString()).entries(entries)).successful().stream()
                .sorted(comparingInt(sent -> Integer.parseInt(sent.id())))
                .map(SendMessageBatchResultEntry::messageId);
    }

    /** How many messages a receive could bring now. */
    public int visible() {
        return count(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES);
    }

    /** How many messages were received and are neither deleted nor visible again. */
    public int inFlight() {
        return count(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE);
    }

    /** Whether every message sent has been deleted. */
    public boolean isEmpty() {
        return visible() == 0 && inFlight() == 0;
    }

    private int count(QueueAttributeName attribute) {
        return Integer.parseInt(requireNonNull(attributes(attribute).get(attribute)));
    }

    private Map<QueueAttributeName, String> attributes(QueueAttributeName attribute) {
        return SQS.getQueueAttributes(
                        request -> request.queueUrl(url.toString()).attributeNames(attribute))
                .attributes();
    }

    private static URI create(Map<QueueAttributeName, String> more) {
        Map<QueueAttributeName, String> attributes = new EnumMap<>(QueueAttributeName.class);
        attributes.put(QueueAttributeName.VISIBILITY_TIMEOUT, "30");
        attributes.putAll(more);
        return URI.create(SQS.createQueue(request ->
                        request.queueName("glidepath-" + UUID.randomUUID()).attributes(attributes))
                .queueUrl());
    }

    private static URI start() {
        SQSRestServer server = SQSRestServerBuilder.withInterface("127.0.0.1")
                .withDynamicPort()
                .start();
        InetSocketAddress address = server.waitUntilStarted().localAddress();
        return URI.create("http://127.0.0.1:" + address.getPort());
    }
}
