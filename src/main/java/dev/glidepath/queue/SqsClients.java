package dev.glidepath.queue;

import java.time.Duration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Builds the SQS client {@link MessageQueue} wants. */
public final class SqsClients {
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(3);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    private SqsClients() {}

    /**
     * A client with the SDK's default credentials and its own environment variables, {@code AWS_ENDPOINT_URL_SQS} and
     * {@code AWS_ENDPOINT_URL} among them. It does not retry: {@link Receiver} and whoever deletes do, at a pace of their own,
     * and a visibility that is asked for late must not be asked for at all. Requests have 10 s; a receive has its wait besides.
     * The socket must allow the longest of them.
     *
     * @param region the queue's region, such as {@code eu-west-1}
     * @see <a href="https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html">Service-specific endpoints</a>
     */
    public static SqsClient forRegion(String region) {
        return SqsClient.builder()
                .region(Region.of(region))
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT_WITHIN)
                        .socketTimeout(MessageQueue.LONG_POLL.plus(ANSWER_WITHIN)))
                .overrideConfiguration(calls ->
                        calls.retryStrategy(AwsRetryStrategy.doNotRetry()).apiCallTimeout(ANSWER_WITHIN))
                .build();
    }
}
