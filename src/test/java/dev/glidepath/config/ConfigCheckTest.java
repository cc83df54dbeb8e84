package dev.glidepath.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.glidepath.config.ConfigCheck.Result;
import dev.glidepath.config.ConfigCheck.Result.Invalid;
import dev.glidepath.config.ConfigCheck.Result.Valid;
import dev.glidepath.config.GlidepathConfig.AtLastCall;
import dev.glidepath.config.GlidepathConfig.LogFormat;
import dev.glidepath.config.GlidepathConfig.LogLevel;
import dev.glidepath.drain.plan.Waves;
import dev.glidepath.event.Response;
import dev.glidepath.lifecycle.AtDeadline;
import dev.glidepath.node.NodeSelector;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigCheckTest {
    private static final String QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/glidepath";
    private static final String A_QUEUE_URL = "expected the URL of an SQS queue, such as " + QUEUE;

    private final Map<String, String> environment = new HashMap<>();

    @TempDir
    private Path folder;

    @BeforeEach
    void onlyWhatIsRequired() throws IOException {
        Path kubeconfig = Files.writeString(folder.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: a, cluster: {server: "https://127.0.0.1:6443"}}]
                users: [{name: a, user: {token: a}}]
                contexts: [{name: a, context: {cluster: a, user: a}}]
                current-context: a
                """);
        environment.put("GLIDEPATH_QUEUE_URL", QUEUE);
        environment.put("KUBECONFIG", kubeconfig.toString());
    }

    @Test
    void theQueueAloneIsEnough() {
        Valid valid = valid();

        assertThat(valid.config().queueUrl().value()).isEqualTo(URI.create(QUEUE));
        assertThat(valid.region()).isEqualTo("eu-west-1");
        assertThat(valid.config().http().port()).isEqualTo(8080);
        assertThat(valid.config().drain().evictionsInFlight()).isEqualTo(64);
        assertThat(valid.config().drain().waves()).isEqualTo(Waves.standard());
        assertThat(valid.config().drain().evictEmptyDir()).isTrue();
        assertThat(valid.config().lastCall().enabled()).isTrue();
        assertThat(valid.config().lifecycle().atLastCall()).isEqualTo(AtLastCall.ENFORCE);
        assertThat(valid.config().lifecycle().atDeadline()).isEqualTo(AtDeadline.CONTINUE);
        assertThat(valid.config().node().outOfServiceTaint()).isFalse();
        assertThat(valid.config().node().selector().orElse(NodeSelector.all())).isEqualTo(NodeSelector.all());
        assertThat(valid.config().node().capacityBlockLabel()).isEqualTo("karpenter.k8s.aws/capacity-reservation-id");
        assertThat(valid.config().node().excludeFromLoadBalancers()).isFalse();
        assertThat(valid.config().lifecycle().groups()).isEmpty();
        assertThat(valid.config().lifecycle().hooks()).isEmpty();
        assertThat(valid.config().scheduled().leadTime()).isEqualTo(Duration.ofHours(1));
        assertThat(valid.config().drain().brake()).isEqualTo(20);
        assertThat(valid.config().queueReceivers()).isEqualTo(2);
        assertThat(valid.config().response().spotInterruption()).isEqualTo(Response.DRAIN);
        assertThat(valid.config().response().rebalanceRecommendation()).isEqualTo(Response.NOTIFY);
        assertThat(valid.config().response().stateChange()).isEqualTo(Response.DRAIN);
        assertThat(valid.config().response().asgTermination()).isEqualTo(Response.DRAIN);
        assertThat(valid.config().response().scheduledChange()).isEqualTo(Response.DRAIN);
        assertThat(valid.config().response().capacityReservation()).isEqualTo(Response.DRAIN);
        assertThat(valid.config().response().healthNotice()).isEqualTo(Response.NOTIFY);
        assertThat(valid.config().pod().name()).isEmpty();
        assertThat(valid.config().log().format()).isEqualTo(LogFormat.JSON);
        assertThat(valid.config().log().level()).isEqualTo(LogLevel.INFO);
        assertThat(valid.remarks().unknown()).isEmpty();
    }

    @Test
    void readsEveryOption() {
        environment.put("GLIDEPATH_HTTP_PORT", "9090");
        environment.put("GLIDEPATH_DRY_RUN", "true");
        environment.put("GLIDEPATH_DRAIN_EVICTIONS_IN_FLIGHT", "1000");
        environment.put("GLIDEPATH_LOG_FORMAT", "text");
        environment.put("GLIDEPATH_LOG_LEVEL", "debug");
        environment.put("GLIDEPATH_DRAIN_WAVES", "0:60%, 2000000000:40%");
        environment.put("GLIDEPATH_DRAIN_EVICT_EMPTY_DIR", "false");
        environment.put("GLIDEPATH_LAST_CALL_ENABLED", "false");
        environment.put("GLIDEPATH_LIFECYCLE_AT_LAST_CALL", "stay");
        environment.put("GLIDEPATH_LIFECYCLE_AT_DEADLINE", "expire");
        environment.put("GLIDEPATH_NODE_OUT_OF_SERVICE_TAINT", "true");
        environment.put("GLIDEPATH_NODE_SELECTOR", "zone in (b,a), team=web");
        environment.put("GLIDEPATH_NODE_CAPACITY_BLOCK_LABEL", "example.com/reservation");
        environment.put("GLIDEPATH_NODE_EXCLUDE_FROM_LOAD_BALANCERS", "true");
        environment.put("GLIDEPATH_LIFECYCLE_GROUPS", "workers-*, gpu ?");
        environment.put("GLIDEPATH_LIFECYCLE_HOOKS", "drain-hook");
        environment.put("GLIDEPATH_SCHEDULED_LEAD_TIME", "7d");
        environment.put("GLIDEPATH_DRAIN_BRAKE", "100");
        environment.put("GLIDEPATH_QUEUE_RECEIVERS", "16");
        environment.put("GLIDEPATH_RESPONSE_SPOT_INTERRUPTION", "cordon");
        environment.put("GLIDEPATH_RESPONSE_REBALANCE_RECOMMENDATION", "drain");
        environment.put("GLIDEPATH_RESPONSE_STATE_CHANGE", "ignore");
        environment.put("GLIDEPATH_RESPONSE_ASG_TERMINATION", "notify");
        environment.put("GLIDEPATH_RESPONSE_SCHEDULED_CHANGE", "Cordon");
        environment.put("GLIDEPATH_RESPONSE_CAPACITY_RESERVATION", "NOTIFY");
        environment.put("GLIDEPATH_RESPONSE_HEALTH_NOTICE", "ignore");
        environment.put("GLIDEPATH_POD_NAME", "glidepath-0");
        environment.put("GLIDEPATH_POD_NAMESPACE", "kube-system");
        environment.put("GLIDEPATH_POD_RELEASE", "spot.handler");

        GlidepathConfig config = valid().config();

        assertThat(config.http().port()).isEqualTo(9090);
        assertThat(config.dryRun()).isTrue();
        assertThat(config.drain().evictionsInFlight()).isEqualTo(1000);
        assertThat(config.drain().waves().rows()).hasSize(2);
        assertThat(config.drain().evictEmptyDir()).isFalse();
        assertThat(config.lastCall().enabled()).isFalse();
        assertThat(config.lifecycle().atLastCall()).isEqualTo(AtLastCall.STAY);
        assertThat(config.lifecycle().atDeadline()).isEqualTo(AtDeadline.EXPIRE);
        assertThat(config.node().outOfServiceTaint()).isTrue();
        assertThat(config.node().selector()).map(NodeSelector::toString).contains("team=web,zone in (a,b)");
        assertThat(config.node().capacityBlockLabel()).isEqualTo("example.com/reservation");
        assertThat(config.node().excludeFromLoadBalancers()).isTrue();
        assertThat(config.lifecycle().groups()).contains(new Names(List.of("workers-*", "gpu ?")));
        assertThat(config.lifecycle().hooks()).contains(new Names(List.of("drain-hook")));
        assertThat(config.scheduled().leadTime()).isEqualTo(Duration.ofDays(7));
        assertThat(config.drain().brake()).isEqualTo(100);
        assertThat(config.queueReceivers()).isEqualTo(16);
        assertThat(config.response().spotInterruption()).isEqualTo(Response.CORDON);
        assertThat(config.response().rebalanceRecommendation()).isEqualTo(Response.DRAIN);
        assertThat(config.response().stateChange()).isEqualTo(Response.IGNORE);
        assertThat(config.response().asgTermination()).isEqualTo(Response.NOTIFY);
        assertThat(config.response().scheduledChange()).isEqualTo(Response.CORDON);
        assertThat(config.response().capacityReservation()).isEqualTo(Response.NOTIFY);
        assertThat(config.response().healthNotice()).isEqualTo(Response.IGNORE);
        assertThat(config.pod().name()).contains("glidepath-0");
        assertThat(config.pod().release()).isEqualTo("spot.handler");
        assertThat(config.pod().namespace()).contains("kube-system");
        assertThat(config.log().format()).isEqualTo(LogFormat.TEXT);
        assertThat(config.log().level()).isEqualTo(LogLevel.DEBUG);
        assertThat(Option.all())
                .as("options this test knows")
                .extracting(Option::variable)
                .containsExactly(
                        "GLIDEPATH_DRAIN_BRAKE",
                        "GLIDEPATH_DRAIN_EVICT_EMPTY_DIR",
                        "GLIDEPATH_DRAIN_EVICTIONS_IN_FLIGHT",
                        "GLIDEPATH_DRAIN_WAVES",
                        "GLIDEPATH_DRY_RUN",
                        "GLIDEPATH_HTTP_PORT",
                        "GLIDEPATH_LAST_CALL_ENABLED",
                        "GLIDEPATH_LIFECYCLE_AT_DEADLINE",
                        "GLIDEPATH_LIFECYCLE_AT_LAST_CALL",
                        "GLIDEPATH_LIFECYCLE_GROUPS",
                        "GLIDEPATH_LIFECYCLE_HOOKS",
                        "GLIDEPATH_LOG_FORMAT",
                        "GLIDEPATH_LOG_LEVEL",
                        "GLIDEPATH_NODE_CAPACITY_BLOCK_LABEL",
                        "GLIDEPATH_NODE_EXCLUDE_FROM_LOAD_BALANCERS",
                        "GLIDEPATH_NODE_OUT_OF_SERVICE_TAINT",
                        "GLIDEPATH_NODE_SELECTOR",
                        "GLIDEPATH_POD_NAME",
                        "GLIDEPATH_POD_NAMESPACE",
                        "GLIDEPATH_POD_RELEASE",
                        "GLIDEPATH_QUEUE_RECEIVERS",
                        "GLIDEPATH_QUEUE_URL",
                        "GLIDEPATH_RESPONSE_ASG_TERMINATION",
                        "GLIDEPATH_RESPONSE_CAPACITY_RESERVATION",
                        "GLIDEPATH_RESPONSE_HEALTH_NOTICE",
                        "GLIDEPATH_RESPONSE_REBALANCE_RECOMMENDATION",
                        "GLIDEPATH_RESPONSE_SCHEDULED_CHANGE",
                        "GLIDEPATH_RESPONSE_SPOT_INTERRUPTION",
                        "GLIDEPATH_RESPONSE_STATE_CHANGE",
                        "GLIDEPATH_SCHEDULED_LEAD_TIME");
    }

    /** At the deadline the instance would be let go, with the pods that were to stay on it. */
    @Test
    void podsThatStayWantTheirHookToExpire() {
        environment.put("GLIDEPATH_LIFECYCLE_AT_LAST_CALL", "stay");

        assertThat(problems())
                .containsExactly("GLIDEPATH_LIFECYCLE_AT_DEADLINE: found nothing, expected expire, since"
                        + " GLIDEPATH_LIFECYCLE_AT_LAST_CALL is stay");
    }

    @Test
    void tellsWhatHoldsForEachOption() {
        environment.put("GLIDEPATH_HTTP_PORT", "9090");

        assertThat(valid().effective())
                .containsExactly(
                        "GLIDEPATH_DRAIN_BRAKE=20",
                        "GLIDEPATH_DRAIN_EVICT_EMPTY_DIR=true",
                        "GLIDEPATH_DRAIN_EVICTIONS_IN_FLIGHT=64",
                        "GLIDEPATH_DRAIN_WAVES=default",
                        "GLIDEPATH_DRY_RUN=false",
                        "GLIDEPATH_HTTP_PORT=9090",
                        "GLIDEPATH_LAST_CALL_ENABLED=true",
                        "GLIDEPATH_LIFECYCLE_AT_DEADLINE=continue",
                        "GLIDEPATH_LIFECYCLE_AT_LAST_CALL=enforce",
                        "GLIDEPATH_LIFECYCLE_GROUPS=",
                        "GLIDEPATH_LIFECYCLE_HOOKS=",
                        "GLIDEPATH_LOG_FORMAT=json",
                        "GLIDEPATH_LOG_LEVEL=INFO",
                        "GLIDEPATH_NODE_CAPACITY_BLOCK_LABEL=karpenter.k8s.aws/capacity-reservation-id",
                        "GLIDEPATH_NODE_EXCLUDE_FROM_LOAD_BALANCERS=false",
                        "GLIDEPATH_NODE_OUT_OF_SERVICE_TAINT=false",
                        "GLIDEPATH_NODE_SELECTOR=",
                        "GLIDEPATH_POD_NAME=",
                        "GLIDEPATH_POD_NAMESPACE=",
                        "GLIDEPATH_POD_RELEASE=glidepath",
                        "GLIDEPATH_QUEUE_RECEIVERS=2",
                        "GLIDEPATH_QUEUE_URL=" + QUEUE,
                        "GLIDEPATH_RESPONSE_ASG_TERMINATION=drain",
                        "GLIDEPATH_RESPONSE_CAPACITY_RESERVATION=drain",
                        "GLIDEPATH_RESPONSE_HEALTH_NOTICE=notify",
                        "GLIDEPATH_RESPONSE_REBALANCE_RECOMMENDATION=notify",
                        "GLIDEPATH_RESPONSE_SCHEDULED_CHANGE=drain",
                        "GLIDEPATH_RESPONSE_SPOT_INTERRUPTION=drain",
                        "GLIDEPATH_RESPONSE_STATE_CHANGE=drain",
                        "GLIDEPATH_SCHEDULED_LEAD_TIME=1h");
    }

    static Stream<Arguments> wrongValues() {
        String evictions = "expected a whole number from 1 to 1000";
        String waves = "expected a table such as 0:60%,2000000000:25%,2000001000:15%, whose shares are 100% at most";
        String port = "expected a port from 1 to 65535";
        String response = "expected ignore, notify, cordon or drain";
        String groups = "expected names of Auto Scaling groups with commas between them, such as workers-*,gpu-?";
        String hooks = "expected names of lifecycle hooks with commas between them, such as drain-hook,launch-hook";
        String leadTime = "expected a length of time from 1m to 7d, such as 90m or 2h";
        String selector = "expected a label selector, such as team=web,!canary,zone in (a,b)";
        String label = "expected a label's key, such as karpenter.k8s.aws/capacity-reservation-id";
        String pod = "expected a pod's name, such as glidepath-7d4b9c6f5-x2x7k";
        String release = "expected a name of small letters, digits, dots and hyphens, at most 63, such as glidepath";
        String brake = "expected a whole number from 1 to 100";
        String receivers = "expected a whole number from 1 to 16";
        return Stream.of(
                arguments("GLIDEPATH_RESPONSE_SPOT_INTERRUPTION", "stop", response),
                arguments("GLIDEPATH_RESPONSE_SPOT_INTERRUPTION", "", response),
                arguments("GLIDEPATH_RESPONSE_REBALANCE_RECOMMENDATION", "yes", response),
                arguments("GLIDEPATH_RESPONSE_STATE_CHANGE", "true", response),
                arguments("GLIDEPATH_RESPONSE_ASG_TERMINATION", "expire", response),
                arguments("GLIDEPATH_RESPONSE_SCHEDULED_CHANGE", "later", response),
                arguments("GLIDEPATH_RESPONSE_CAPACITY_RESERVATION", "evict", response),
                arguments("GLIDEPATH_RESPONSE_HEALTH_NOTICE", "cordon", "expected ignore or notify"),
                arguments("GLIDEPATH_RESPONSE_HEALTH_NOTICE", "drain", "expected ignore or notify"),
                arguments("GLIDEPATH_RESPONSE_HEALTH_NOTICE", "tell", "expected ignore or notify"),
                arguments("GLIDEPATH_LIFECYCLE_GROUPS", "workers-*,", groups),
                arguments("GLIDEPATH_LIFECYCLE_GROUPS", "arn:aws:autoscaling", groups),
                arguments("GLIDEPATH_LIFECYCLE_HOOKS", "drain-hook,,other", hooks),
                arguments("GLIDEPATH_LIFECYCLE_HOOKS", "drain-*", hooks),
                arguments("GLIDEPATH_LIFECYCLE_HOOKS", "drain-*,", hooks),
                arguments("GLIDEPATH_SCHEDULED_LEAD_TIME", "", leadTime),
                arguments("GLIDEPATH_SCHEDULED_LEAD_TIME", "59s", leadTime),
                arguments("GLIDEPATH_SCHEDULED_LEAD_TIME", "8d", leadTime),
                arguments("GLIDEPATH_SCHEDULED_LEAD_TIME", "soon", leadTime),
                arguments("GLIDEPATH_DRAIN_BRAKE", "0", brake),
                arguments("GLIDEPATH_DRAIN_BRAKE", "101", brake),
                arguments("GLIDEPATH_DRAIN_BRAKE", "20%", brake),
                arguments("GLIDEPATH_QUEUE_RECEIVERS", "0", receivers),
                arguments("GLIDEPATH_QUEUE_RECEIVERS", "17", receivers),
                arguments("GLIDEPATH_NODE_SELECTOR", "team=web and zone=a", selector),
                arguments("GLIDEPATH_NODE_CAPACITY_BLOCK_LABEL", "a label", label),
                arguments("GLIDEPATH_NODE_CAPACITY_BLOCK_LABEL", "", label),
                arguments("GLIDEPATH_NODE_EXCLUDE_FROM_LOAD_BALANCERS", "nginx", "expected true or false"),
                arguments("GLIDEPATH_POD_NAME", "Glidepath", pod),
                arguments("GLIDEPATH_POD_NAME", "glidepath_0", pod),
                arguments("GLIDEPATH_POD_NAME", "glidepath-", pod),
                arguments("GLIDEPATH_POD_NAMESPACE", "kube.system", "expected a namespace"),
                arguments("GLIDEPATH_POD_RELEASE", "Spot", release),
                arguments("GLIDEPATH_POD_RELEASE", "x".repeat(64), release),
                arguments("GLIDEPATH_QUEUE_URL", "", A_QUEUE_URL),
                arguments("GLIDEPATH_QUEUE_URL", "glidepath", A_QUEUE_URL),
                arguments("GLIDEPATH_QUEUE_URL", "arn:aws:sqs:eu-west-1:123456789012:glidepath", A_QUEUE_URL),
                arguments("GLIDEPATH_DRAIN_WAVES", "0:60", waves),
                arguments("GLIDEPATH_DRAIN_WAVES", "0:60%,1:50%", waves),
                arguments("GLIDEPATH_LAST_CALL_ENABLED", "perhaps", "expected true or false"),
                arguments("GLIDEPATH_LIFECYCLE_AT_DEADLINE", "never", "expected continue, abandon or expire"),
                arguments("GLIDEPATH_HTTP_PORT", "", port),
                arguments("GLIDEPATH_HTTP_PORT", "0", port),
                arguments("GLIDEPATH_HTTP_PORT", "-1", port),
                arguments("GLIDEPATH_HTTP_PORT", "65536", port),
                arguments("GLIDEPATH_HTTP_PORT", "99999999999", port),
                arguments("GLIDEPATH_HTTP_PORT", "http", port),
                arguments("GLIDEPATH_HTTP_PORT", "tcp://10.0.0.1:8080", port),
                arguments("GLIDEPATH_DRAIN_EVICTIONS_IN_FLIGHT", "0", evictions),
                arguments("GLIDEPATH_DRAIN_EVICTIONS_IN_FLIGHT", "1001", evictions),
                arguments("GLIDEPATH_DRAIN_EVICTIONS_IN_FLIGHT", "a few", evictions),
                arguments("GLIDEPATH_DRAIN_EVICTIONS_IN_FLIGHT", "1.5", evictions),
                arguments("GLIDEPATH_LOG_FORMAT", "xml", "expected json or text"),
                arguments("GLIDEPATH_LOG_LEVEL", "loud", "expected DEBUG, INFO, WARN or ERROR"),
                arguments("AWS_REGION", "Ireland", "expected a region such as eu-west-1"),
                arguments("AWS_REGION", "eu-west-1a", "expected a region such as eu-west-1"),
                arguments("KUBECONFIG", "/no/such/file", "expected a kubeconfig file that can be read"));
    }

    @ParameterizedTest
    @MethodSource("wrongValues")
    void wrongValueIsOneLine(String variable, String found, String expected) {
        environment.put(variable, found);

        assertThat(problems()).containsExactly(variable + ": found \"" + found + "\", " + expected);
    }

    @Test
    void missingQueueIsOneLine() {
        environment.remove("GLIDEPATH_QUEUE_URL");

        assertThat(problems()).containsExactly("GLIDEPATH_QUEUE_URL: found nothing, " + A_QUEUE_URL);
    }

    @Test
    void fileThatIsNoKubeconfigIsOneLine() throws IOException {
        Path file = Files.writeString(folder.resolve("other"), "{{{");
        environment.put("KUBECONFIG", file.toString());

        assertThat(problems())
                .containsExactly("KUBECONFIG: found \"" + file + "\", expected a kubeconfig file that can be read");
    }

    @Test
    void outsideAClusterAKubeconfigIsNeeded() {
        environment.remove("KUBECONFIG");

        assertThat(problems())
                .containsExactly("KUBECONFIG: found nothing, expected a kubeconfig file, since this is not a pod with"
                        + " a service account token");
    }

    @Test
    void insideAPodItsTokenIsEnough() throws IOException {
        environment.remove("KUBECONFIG");
        Files.writeString(folder.resolve("token"), "a");

        assertThat(valid().region()).isEqualTo("eu-west-1");
    }

    @Test
    void regionIsNeededWhereTheQueuesUrlDoesNotTellIt() {
        environment.put("GLIDEPATH_QUEUE_URL", "http://localhost:4566/000000000000/glidepath");

        assertThat(problems())
                .containsExactly("AWS_REGION: found nothing, expected a region such as eu-west-1,"
                        + " which the queue's URL does not tell");
    }

    @Test
    void regionThatIsSetIsHeededFirst() {
        environment.put("AWS_REGION", "us-gov-west-1");

        assertThat(valid().region()).isEqualTo("us-gov-west-1");
    }

    /** Whether a value cannot be read, is out of range or is not there. */
    @Test
    void tellsAllThatIsWrongAtOnce() {
        environment.remove("GLIDEPATH_QUEUE_URL");
        environment.put("GLIDEPATH_LOG_FORMAT", "xml");
        environment.put("GLIDEPATH_HTTP_PORT", "0");
        environment.put("GLIDEPATH_DRAIN_EVICTIONS_IN_FLIGHT", "1001");
        environment.put("GLIDEPATH_NODE_SELECTOR", "=");
        environment.put("GLIDEPATH_POD_NAME", "-");
        environment.put("GLIDEPATH_RESPONSE_HEALTH_NOTICE", "drain");
        environment.put("GLIDEPATH_SCHEDULED_LEAD_TIME", "1s");
        environment.put("AWS_REGION", "Ireland");
        environment.put("KUBECONFIG", "/no/such/file");

        assertThat(problems())
                .extracting(problem -> problem.substring(0, problem.indexOf(':')))
                .containsExactlyInAnyOrder(
                        "GLIDEPATH_QUEUE_URL",
                        "GLIDEPATH_LOG_FORMAT",
                        "GLIDEPATH_HTTP_PORT",
                        "GLIDEPATH_DRAIN_EVICTIONS_IN_FLIGHT",
                        "GLIDEPATH_NODE_SELECTOR",
                        "GLIDEPATH_POD_NAME",
                        "GLIDEPATH_RESPONSE_HEALTH_NOTICE",
                        "GLIDEPATH_SCHEDULED_LEAD_TIME",
                        "AWS_REGION",
                        "KUBECONFIG");
    }

    @Test
    void missesTheRegionEvenIfAnotherOptionIsWrong() {
        environment.put("GLIDEPATH_QUEUE_URL", "http://localhost:4566/000000000000/glidepath");
        environment.put("GLIDEPATH_LOG_LEVEL", "loud");

        assertThat(problems())
                .extracting(problem -> problem.substring(0, problem.indexOf(':')))
                .containsExactlyInAnyOrder("AWS_REGION", "GLIDEPATH_LOG_LEVEL");
    }

    @Test
    void slipsOfThePenAreUnknown() {
        environment.put("GLIDEPATH_QUEUEURL", QUEUE);
        environment.put("GLIDEPATH_LOGLEVEL", "DEBUG");
        environment.put("GLIDEPATHS", "ours is another prefix");
        environment.put("PATH", "/bin");

        assertThat(valid().remarks().unknown()).containsExactly("GLIDEPATH_LOGLEVEL", "GLIDEPATH_QUEUEURL");
    }

    @Test
    void whatKubernetesSetsForServicesOfOurNameIsNotUnknown() {
        environment.put("GLIDEPATH_SERVICE_HOST", "10.0.0.1");
        environment.put("GLIDEPATH_SERVICE_PORT", "8080");
        environment.put("GLIDEPATH_SERVICE_PORT_METRICS", "8080");
        environment.put("GLIDEPATH_PORT", "tcp://10.0.0.1:8080");
        environment.put("GLIDEPATH_PORT_8080_TCP", "tcp://10.0.0.1:8080");
        environment.put("GLIDEPATH_PORT_8080_TCP_ADDR", "10.0.0.1");
        environment.put("GLIDEPATH_PORT_8080_TCP_PORT", "8080");
        environment.put("GLIDEPATH_PORT_8080_TCP_PROTO", "tcp");
        environment.put("GLIDEPATH_METRICS_SERVICE_HOST", "10.0.0.1");
        environment.put("GLIDEPATH_METRICS_PORT_8080_TCP", "tcp://10.0.0.1:8080");

        assertThat(valid().remarks().unknown()).isEmpty();
    }

    private Valid valid() {
        Result result = ConfigCheck.of(environment, folder.resolve("token"));
        assertThat(result).isInstanceOf(Valid.class);
        return (Valid) result;
    }

    private List<String> problems() {
        Result result = ConfigCheck.of(environment, folder.resolve("token"));
        assertThat(result).isInstanceOf(Invalid.class);
        return ((Invalid) result).problems();
    }
}
