package dev.glidepath.doctor.aws;

import java.time.Duration;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;

/** Builds the AWS clients that only the doctor uses. */
final class DoctorClients {
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(3);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    private DoctorClients() {}

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
