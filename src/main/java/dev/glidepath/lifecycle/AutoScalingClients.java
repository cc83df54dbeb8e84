package dev.glidepath.lifecycle;

import java.time.Duration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.autoscaling.AutoScalingClient;

/** Builds the Auto Scaling client {@link LifecycleHooks} wants. */
public final class AutoScalingClients {
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(3);
    static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    private AutoScalingClients() {}

    /**
     * A client with the SDK's default credentials and its own environment variables, {@code AWS_ENDPOINT_URL_AUTO_SCALING} and
     * {@code AWS_ENDPOINT_URL} among them. It does not retry, since the callers of {@link LifecycleHooks} do, and gives up a
     * request after 10 s, the shortest hook's timeout being 30 s.
     *
     * @param region the groups' region, such as {@code eu-west-1}
     * @see <a href="https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html">Service-specific endpoints</a>
     */
    public static AutoScalingClient forRegion(String region) {
        return AutoScalingClient.builder()
                .region(Region.of(region))
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT_WITHIN)
                        .socketTimeout(ANSWER_WITHIN))
                .overrideConfiguration(calls ->
                        calls.retryStrategy(AwsRetryStrategy.doNotRetry()).apiCallTimeout(ANSWER_WITHIN))
                .build();
    }
}
