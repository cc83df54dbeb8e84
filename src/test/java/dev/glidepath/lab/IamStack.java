package dev.glidepath.lab;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.regions.Region;

/**
 * The stack of the template in {@code iam/}, made in a moto server on loopback: the queue, its dead-letter queue and the rules that feed
 * it, as a user has them. What is put on the event bus there comes to the queue if a rule matches it. Queue policies it does not make.
 *
 * @see <a href="https://docs.getmoto.org/en/latest/docs/server_mode.html">moto's server</a>
 */
public final class IamStack implements AutoCloseable {
    private static final String NAME = "iam-stack";

    /** The first time on a machine, what it needs is installed. */
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private static final JsonMapper JSON = new JsonMapper();

    private final LabFolder folder = LabFolder.create();
    private final Children children = new Children(folder.path());
    private final AtExit atExit = new AtExit(this::close);
    private final JsonNode told;

    /**
     * Makes one, and waits until it is made; each has a server of its own.
     *
     * @param parameters of the template, such as {@code AutoScalingGroups=workers-*}
     * @throws IllegalStateException when it cannot be made, with the words of what tried
     */
    public static IamStack start(String... parameters) {
        return new IamStack(List.of(parameters));
    }

    private IamStack(List<String> parameters) {
        List<String> command =
                new ArrayList<>(List.of(Path.of("iam", "check", "stack").toString()));
        command.addAll(parameters);
        // Its standard input is a pipe that closes with this JVM, and with it the server ends. Our own variables say
        // where it keeps, and how it
        // gets, what it installs; those of AWS it does not heed.
        children.start(NAME, command, System.getenv());
        try {
            told = awaitLine();
        } catch (RuntimeException failed) {
            close();
            throw failed;
        }
    }

    private JsonNode awaitLine() {
        return await("the stack to be made")
                .atMost(LIMIT)
                .pollDelay(Duration.ZERO)
                .failFast(children::checkAlive)
                .until(() -> lines().filter(JsonNode::isObject).toList(), lines -> !lines.isEmpty())
                .getFirst();
    }

    /** Where all of AWS is, as {@code AWS_ENDPOINT_URL} wants it. */
    public URI endpoint() {
        return URI.create(told.path("endpoint").asText());
    }

    public String region() {
        return told.path("region").asText();
    }

    /** At this server. */
    public URI queueUrl() {
        return URI.create(told.path("queueUrl").asText());
    }

    /** At this server. */
    public URI deadLetterQueueUrl() {
        return URI.create(told.path("deadLetterQueueUrl").asText());
    }

    /** An output of the template, as AWS would have it. */
    public String output(String name) {
        return told.path("outputs").path(name).asText();
    }

    /** What a program wants in its environment to find this server: where it is, the region, and credentials that mean nothing. */
    public Map<String, String> environment() {
        return Map.of(
                "AWS_ENDPOINT_URL",
                endpoint().toString(),
                "AWS_REGION",
                region(),
                "AWS_ACCESS_KEY_ID",
                "none",
                "AWS_SECRET_ACCESS_KEY",
                "none");
    }

    /** A client of one of its services, with credentials that mean nothing; the caller's to close. */
    public <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> C client(B builder) {
        return builder.region(Region.of(region()))
                .endpointOverride(endpoint())
                .credentialsProvider(TestQueue.credentials())
                .httpClientBuilder(Loopback.http())
                .build();
    }

    /** Ends the server. Calling it twice is safe. */
    @Override
    public synchronized void close() {
        atExit.close();
        children.close();
        folder.close();
    }

    /** Those that are whole and JSON. */
    private Stream<JsonNode> lines() {
        try {
            String all = Files.readString(children.log(NAME));
            return all.substring(0, all.lastIndexOf('\n') + 1).lines().flatMap(IamStack::parse);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Stream<JsonNode> parse(String line) {
        try {
            return Stream.of(JSON.readTree(line));
        } catch (JsonProcessingException somethingElse) {
            return Stream.empty();
        }
    }
}
