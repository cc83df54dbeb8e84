package dev.glidepath.doctor;

import java.time.Duration;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;

/** Builds the clients that nobody but the doctor wants. */
final class LookingClients {
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(3);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    private LookingClients() {}

    /** A client with the SDK's default credentials and environment variables, which gives up a call after 10 s, retries included. */
    static <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> C forRegion(B builder, String region) {
        return builder.region(Region.of(region))
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT_WITHIN)
                        .socketTimeout(ANSWER_WITHIN))
                .overrideConfiguration(calls -> calls.apiCallTimeout(ANSWER_WITHIN))
                .build();
    }
}
