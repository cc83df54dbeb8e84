package dev.glidepath.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lifecycle.ActionTokens;
import dev.glidepath.lifecycle.AutoScalingClients;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.lifecycle.LifecycleHooks;
import dev.glidepath.permission.Permissions;
import dev.glidepath.queue.Message;
import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.SqsClients;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The clients as the program builds them, in a process whose environment names the endpoints, as an operator would. */
class EndpointVariablesIT {
    private static final InstanceId INSTANCE = new InstanceId("i-0a1b2c3d4e5f60010");

    private final TestQueue queue = TestQueue.create();
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(InstantSource.system());

    @TempDir
    private Path home;

    @AfterEach
    void stop() {
        autoScaling.close();
    }

    @Test
    void honoursTheVariableOfEachService() throws IOException, InterruptedException {
        assertThat(receiveAndComplete(Map.of(
                        "AWS_ENDPOINT_URL_SQS", TestQueue.endpoint(),
                        "AWS_ENDPOINT_URL_AUTO_SCALING", autoScaling.endpoint())))
                .isEqualTo("received 1, Done[]");
    }

    @Test
    void honoursTheVariableOfAllServicesWhereThereIsNoOther() throws IOException, InterruptedException {
        assertThat(receiveAndComplete(Map.of(
                        "AWS_ENDPOINT_URL", TestQueue.endpoint(),
                        "AWS_ENDPOINT_URL_AUTO_SCALING", autoScaling.endpoint())))
                .isEqualTo("received 1, Done[]");
    }

    private String receiveAndComplete(Map<String, URI> endpoints) throws IOException, InterruptedException {
        autoScaling.addHook(Hook.of("workers-a", "drain-hook"));
        LifecycleAction action =
                autoScaling.terminate("workers-a", INSTANCE, queue).getFirst();
        var program = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName(),
                queue.url().toString(),
                autoScaling.tokenOf(action));
        Map<String, String> environment =
                new HashMap<>(Map.of("AWS_ACCESS_KEY_ID", "none", "AWS_SECRET_ACCESS_KEY", "none"));
        endpoints.forEach((name, endpoint) -> environment.put(name, endpoint.toString()));
        CleanEnvironment.give(program, home, environment);
        Process process = program.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            return output.strip();
        } finally {
            process.destroyForcibly();
        }
    }

    /** Receives a message and completes the hook of the token given. */
    static final class Program {
        public static void main(String[] arguments) throws InterruptedException {
            try (var sqs = SqsClients.forRegion(TestQueue.REGION);
                    var client = AutoScalingClients.forRegion(TestQueue.REGION)) {
                var clock = InstantSource.system();
                List<Message> received = new MessageQueue(
                                sqs, URI.create(arguments[0]), clock, new Permissions(_ -> {}))
                        .receive(Duration.ofSeconds(5));
                var token = new LifecycleToken(arguments[1]);
                var tokens = new ActionTokens();
                var action = LifecycleAction.of("workers-a", "drain-hook", token, INSTANCE);
                tokens.learn(token, new ActionNotice(action, Route.EVENT_BRIDGE));
                System.out.println("received " + received.size() + ", "
                        + new LifecycleHooks(client, tokens, clock, new Permissions(_ -> {}))
                                .complete(action, HookResult.CONTINUE));
            }
        }
    }
}
