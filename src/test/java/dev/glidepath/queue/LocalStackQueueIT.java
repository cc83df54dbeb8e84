package dev.glidepath.queue;

import dev.glidepath.lab.Loopback;
import java.net.URI;
import java.util.UUID;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.localstack.LocalStackContainer;
import org.testcontainers.utility.DockerImageName;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The contract on LocalStack, in a container; skipped, with the reason, where there is no Docker. */
@Testcontainers(disabledWithoutDocker = true)
class LocalStackQueueIT extends QueueContract {
    /** The last image that starts without a licence token. */
    @Container
    private static final LocalStackContainer LOCALSTACK =
            new LocalStackContainer(DockerImageName.parse("localstack/localstack:4.14.0")).withServices("sqs");

    @Override
    SqsClient newClient(ExecutionInterceptor interceptor) {
        return SqsClient.builder()
                .region(Region.of(LOCALSTACK.getRegion()))
                .endpointOverride(LOCALSTACK.getEndpoint())
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(LOCALSTACK.getAccessKey(), LOCALSTACK.getSecretKey())))
                .httpClientBuilder(Loopback.http())
                .overrideConfiguration(calls ->
                        calls.retryStrategy(AwsRetryStrategy.doNotRetry()).addExecutionInterceptor(interceptor))
                .build();
    }

    @Override
    URI newQueue(SqsClient sqs) {
        return URI.create(sqs.createQueue(request -> request.queueName("glidepath-" + UUID.randomUUID()))
                .queueUrl());
    }
}
