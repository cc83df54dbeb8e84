package dev.glidepath;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.IamStack;
import dev.glidepath.lab.ProgramRun;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.TestCluster;
import dev.glidepath.lab.TestFile;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.Target;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * Runs the program on a set-up with a single fault: the report names this fault with its remedy, and nothing else. AWS is the
 * template's stack in a moto server and our stand-in for Auto Scaling; the cluster is a real control plane.
 */
@TestInstance(Lifecycle.PER_CLASS)
@RunsTheProgram
class DoctorIT {
    private static final String GROUP = "workers-a";
    private static final String SPOT = "EC2 Spot Instance Interruption Warning";

    /** The policy of the template, which moto does not create. */
    private static final String POLICY = TestFile.read("doctor/queue-policy.json");

    private final ControlPlane plane = ControlPlane.start();
    private final IamStack stack = IamStack.start("AutoScalingGroups=workers-*");
    private final SqsClient sqs = stack.client(SqsClient.builder());
    private final EventBridgeClient eventBridge = stack.client(EventBridgeClient.builder());
    private final TestCluster shop = TestCluster.named(plane, "shop");

    private AutoScalingStandIn autoScaling;
    private Map<QueueAttributeName, String> whole;

    private record DoctorRun(int exitCode, List<JsonNode> findings) {
        static final List<String> LEVELS = List.of("ok", "warn", "fail");

        /** Expects these findings, and no others, not to be ok: each as "level about: …words… -> …words…". */
        DoctorRun hasJust(String... expected) {
            var bad = findings.stream()
                    .filter(finding -> !finding.path("level").asText().equals("ok"))
                    .map(DoctorRun::line)
                    .toList();
            assertThat(bad).hasSameSizeAs(expected);
            for (int each = 0; each < expected.length; each++) {
                assertThat(bad.get(each)).containsSubsequence(expected[each].split(" … "));
            }
            return this;
        }

        private static String line(JsonNode finding) {
            return "%s %s: %s -> %s"
                    .formatted(
                            finding.path("level").asText(),
                            finding.path("about").asText(),
                            finding.path("found").asText(),
                            finding.path("remedy").asText());
        }

        void fails() {
            assertThat(exitCode).isEqualTo(1);
        }

        void doesNotFail() {
            assertThat(exitCode).isZero();
        }
    }

    @BeforeAll
    void setUp() {
        shop.nodes("one", "two");
        var web = shop.deployment("web").replicas(2).create();
        shop.budget("web", web).maxUnavailable(1);
        sqs.setQueueAttributes(
                request -> request.queueUrl(queue()).attributes(Map.of(QueueAttributeName.POLICY, POLICY)));
        whole = attributes();
    }

    @BeforeEach
    void withHooks() {
        autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
        autoScaling.addHook(Hook.of(GROUP, "drain").withHeartbeatTimeout(Duration.ofMinutes(5)));
        shop.nodes().forEach(node -> autoScaling.addInstance(GROUP, node.instance()));
    }

    @AfterEach
    void noHooks() {
        autoScaling.close();
    }

    @AfterAll
    void tearDown() {
        sqs.close();
        eventBridge.close();
        stack.close();
        plane.close();
    }

    // All is well.

    @Test
    void reportsNoFaultWhereAllIsWell() {
        DoctorRun run = doctor();

        run.hasJust().doesNotFail();
        assertThat(run.findings().stream().map(finding -> finding.path("about").asText()))
                .contains(
                        "configuration",
                        "credentials",
                        "queue",
                        "dead letters",
                        "rules",
                        "cluster",
                        "rights",
                        "nodes",
                        "hooks",
                        "budgets",
                        "graces");
    }

    @Test
    void printsALineForEachFindingAndTheCountsAtTheEnd() {
        ProgramRun run = ProgramRun.of(environment(), "doctor");

        assertThat(run.exitCode()).isZero();
        assertThat(run.err().lines())
                .as("but for words of the JVM's own")
                .allMatch(line -> line.startsWith("WARNING: "));
        assertThat(run.out().lines())
                .anySatisfy(line -> assertThat(line)
                        .startsWith("ok    cluster        " + plane.server())
                        .endsWith("knows us as system:serviceaccount:glidepath:glidepath"))
                .last()
                .asString()
                .matches("\\d+ ok, 0 warn, 0 fail");
    }

    @Test
    void changesNothing() {
        var mark = plane.audit().mark();

        doctor().hasJust();

        assertThat(plane.audit().since(mark))
                .filteredOn(request -> request.user().equals("system:serviceaccount:glidepath:glidepath"))
                .isNotEmpty()
                .allSatisfy(request ->
                        assertThat(request.verb() + " " + request.resource()).matches("list .*|create self.*reviews"));
        assertThat(autoScaling.calls())
                .isNotEmpty()
                .allSatisfy(call -> assertThat(call.action()).startsWith("Describe"));
    }

    // The command line.

    @ParameterizedTest
    @ValueSource(strings = {"dcotor", "doctor --output xml"})
    void refusesAWrongCall(String words) {
        ProgramRun run = ProgramRun.of(environment(), words.split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).isNotEmpty();
    }

    @Test
    void refusesAnInvalidConfiguration() {
        ProgramRun run = ProgramRun.of(environment(Map.of("GLIDEPATH_QUEUE_URL", "somewhere")), "doctor");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("GLIDEPATH_QUEUE_URL: found \"somewhere\"");
    }

    @Test
    void printsItsVersionAndItsUsage() {
        assertThat(ProgramRun.of(Map.of(), "--version").out()).startsWith("glidepath ");
        assertThat(ProgramRun.of(Map.of(), "doctor", "--help").out()).contains("--output", "Exit codes:");
    }

    @Test
    void namesAVariableThatDoesNothing() {
        doctor(Map.of("GLIDEPATH_QEUE_URL", "x"))
                .hasJust("warn configuration: GLIDEPATH_QEUE_URL is no option … -> take it away, or correct its name")
                .doesNotFail();
    }

    // Credentials.

    @Test
    void namesMissingCredentials() {
        doctor(Map.of("AWS_ACCESS_KEY_ID", "", "AWS_SECRET_ACCESS_KEY", ""))
                .hasJust(
                        "fail credentials: there are none … -> give the ServiceAccount a role",
                        "warn queue: not looked at, because of the credentials",
                        "warn rules: not looked at, because of the credentials",
                        "warn hooks: not looked at, because of the credentials … -> mend the credentials first")
                .fails();
    }

    @Test
    void namesAwsThatCannotBeReached() {
        doctor(Map.of("AWS_ENDPOINT_URL", "http://127.0.0.1:1"))
                .hasJust(
                        "warn credentials: STS does not tell whose they are … -> ",
                        "fail queue: cannot be looked at … -> see whether the region is right, and whether AWS can be"
                                + " reached",
                        "warn rules: not looked at, because of the queue … -> mend the queue first")
                .fails();
    }

    // The queue.

    @Test
    void namesAQueueThatIsNotThere() {
        doctor(Map.of("GLIDEPATH_QUEUE_URL", queue() + "-gone"))
                .hasJust(
                        "fail queue: there is no queue at " + queue() + "-gone … -> set GLIDEPATH_QUEUE_URL",
                        "warn rules: not looked at, because of the queue")
                .fails();
    }

    @Test
    void namesAPolicyThatKeepsEventBridgeOut() {
        with(QueueAttributeName.POLICY, TestFile.read("doctor/queue-policy-without-event-bridge.json"))
                .hasJust("fail queue: its policy does not let EventBridge send … -> allow sqs:SendMessage to events")
                .fails();
    }

    @Test
    void namesAPolicyThatLetsAnyRuleSend() {
        with(QueueAttributeName.POLICY, TestFile.read("doctor/queue-policy-for-any-rule.json"))
                .hasJust("warn queue: its policy lets EventBridge send for anybody's rules … -> narrow it by"
                        + " aws:SourceArn")
                .doesNotFail();
    }

    @Test
    void namesAPolicyWithoutTls() {
        with(QueueAttributeName.POLICY, TestFile.read("doctor/queue-policy-without-tls.json"))
                .hasJust("warn queue: its policy allows requests without TLS … -> deny all where aws:SecureTransport is"
                        + " false")
                .doesNotFail();
    }

    @Test
    void namesAShortRetention() {
        with(QueueAttributeName.MESSAGE_RETENTION_PERIOD, "3600")
                .hasJust("warn queue: it forgets messages after 3600 s … -> set MessageRetentionPeriod to 4 days"
                        + " (345600)")
                .doesNotFail();
    }

    @Test
    void namesAKeyThatEventBridgeCannotUse() {
        with(QueueAttributeName.KMS_MASTER_KEY_ID, "alias/aws/sqs")
                .hasJust("fail queue: it is encrypted with alias/aws/sqs … -> encrypt it with SQS' own keys")
                .fails();
    }

    @Test
    void namesFewReceives() {
        with(QueueAttributeName.REDRIVE_POLICY, redrive().replaceFirst("\"?20\"?", "3"))
                .hasJust("warn queue: messages go to the dead-letter queue after 3 receives … -> set maxReceiveCount to"
                        + " 20")
                .doesNotFail();
    }

    @Test
    void namesDeadLetters() {
        String letters = stack.deadLetterQueueUrl().toString();
        sqs.sendMessage(request -> request.queueUrl(letters).messageBody("what is this"));
        try {
            doctor().hasJust("warn dead letters: … holds 1 messages … -> look at one of them:"
                            + " docs/runbooks/dead-letters.md")
                    .doesNotFail();
        } finally {
            sqs.purgeQueue(request -> request.queueUrl(letters));
        }
    }

    /** And that its dead-letter queue is missing, as a queue made by hand has none. */
    @Test
    void namesAQueueWithoutDeadLettersAndRules() {
        String bare = sqs.createQueue(
                        request -> request.queueName("by-hand").attributes(Map.of(QueueAttributeName.POLICY, POLICY)))
                .queueUrl();

        DoctorRun run = doctor(Map.of(
                "GLIDEPATH_QUEUE_URL", bare,
                "GLIDEPATH_RESPONSE_REBALANCE_RECOMMENDATION", "ignore",
                "GLIDEPATH_RESPONSE_STATE_CHANGE", "ignore",
                "GLIDEPATH_RESPONSE_ASG_TERMINATION", "ignore",
                "GLIDEPATH_RESPONSE_SCHEDULED_CHANGE", "ignore",
                "GLIDEPATH_RESPONSE_HEALTH_NOTICE", "ignore"));

        run.hasJust(
                        "warn queue: it has no dead-letter queue … -> give it a redrive policy",
                        "fail rules: no rule that sends to the queue brings spot-interruption … -> send \"" + SPOT
                                + "\"",
                        "warn rules: no rule that sends to the queue brings capacity-reservation … -> send ")
                .fails();
    }

    // The rules.

    @Test
    void namesARuleThatIsDisabled() {
        String rule = ruleFor(SPOT);
        eventBridge.disableRule(request -> request.name(rule));
        try {
            doctor().hasJust("fail rules: rule " + rule
                            + ", which brings spot-interruption, is disabled … -> enable it: "
                            + "aws events enable-rule --name " + rule)
                    .fails();
        } finally {
            eventBridge.enableRule(request -> request.name(rule));
        }
    }

    @Test
    void namesARuleThatPointsElsewhere() {
        withTarget(ruleFor(SPOT), target -> target.arn(target.build().arn() + "-other"))
                .hasJust("fail rules: no rule that sends to the queue brings spot-interruption … -> send \"" + SPOT
                        + "\"")
                .fails();
    }

    @Test
    void namesARuleWhoseTargetKeepsNothing() {
        String rule = ruleFor("AWS Health Event");
        withTarget(
                        rule,
                        target -> target.deadLetterConfig(
                                (software.amazon.awssdk.services.eventbridge.model.DeadLetterConfig) null))
                .hasJust("warn rules: what rule " + rule
                        + " cannot deliver is lost … -> give its target a dead-letter queue")
                .doesNotFail();
    }

    @Test
    void namesARuleThatChangesItsEvents() {
        String rule = ruleFor("AWS Health Event");
        withTarget(rule, target -> target.inputPath("$.detail"))
                .hasJust("fail rules: rule " + rule
                        + " changes what it sends … -> let its target have the event as it is")
                .fails();
    }

    // The hooks.

    @Test
    void namesAGroupWithoutHooks() {
        shop.nodes().forEach(node -> autoScaling.addInstance("workers-b", node.instance()));

        doctor().hasJust("warn hooks: group workers-b (2 nodes) has no hook for us … -> add a lifecycle hook …"
                        + " iam/hooks/group.sh")
                .doesNotFail();
    }

    @Test
    void namesAHookThatNotifiesAnother() {
        autoScaling.addHook(Hook.of(GROUP, "drain").withNotificationTarget("arn:aws:sns:eu-west-1:123456789012:other"));

        doctor().hasJust("warn hooks: group workers-a (2 nodes) has no hook for us")
                .doesNotFail();
    }

    @Test
    void knowsAHookThatNotifiesTheQueueItself() {
        autoScaling.addHook(Hook.of(GROUP, "drain").withNotificationTarget(arn()));

        doctor().hasJust().doesNotFail();
    }

    @Test
    void namesHooksThatCannotBeToldApart() {
        autoScaling.addHook(Hook.of(GROUP, "upload-logs"));

        doctor().hasJust(
                        "warn hooks: nobody can tell which of the hooks drain, upload-logs of group workers-a (2 nodes)"
                                + " is for us … -> list those that are in GLIDEPATH_LIFECYCLE_HOOKS")
                .doesNotFail();
    }

    @Test
    void leavesManagedNodeGroupsToEks() {
        shop.nodes().forEach(node -> autoScaling.addInstance("eks-shop", node.instance()));
        autoScaling.addHook(Hook.of("eks-shop", "Terminate-LC-Hook"));

        doctor().hasJust().doesNotFail();
    }

    @Test
    void namesAHookThatTimesOutBeforeABootingNodeJoins() {
        autoScaling.addHook(Hook.of(GROUP, "drain").withHeartbeatTimeout(Duration.ofMinutes(3)));

        doctor().hasJust("warn hooks: hook drain of group workers-a times out after 180 s … -> set HeartbeatTimeout to"
                        + " 300, or")
                .doesNotFail();
    }

    @Test
    void namesAHookThatTimesOutSoon() {
        autoScaling.addHook(Hook.of(GROUP, "drain").withHeartbeatTimeout(Duration.ofSeconds(30)));

        doctor().hasJust("warn hooks: hook drain of group workers-a times out after 30 s … -> set HeartbeatTimeout to"
                        + " 300")
                .doesNotFail();
    }

    @Test
    void namesTheMissingPermissionOfAHooksCheck() {
        autoScaling.faults().deny("DescribeAutoScalingInstances");

        doctor().hasJust("warn hooks: AWS does not let us look at them … not authorized … -> allow … "
                        + "autoscaling:DescribeAutoScalingInstances: DoctorAccess")
                .doesNotFail();
    }

    @Test
    void reportsThatAwsIsBusy() {
        autoScaling.faults().throttleNext(10);

        doctor().hasJust("warn hooks: AWS has no answer now: Rate exceeded … -> look again")
                .doesNotFail();
    }

    // The cluster.

    @Test
    void namesAnApiServerThatCannotBeReached(@TempDir Path folder) throws IOException {
        Path nowhere = copyOfKubeconfig(folder, plane.server(), "https://127.0.0.1:1");

        doctor(Map.of("KUBECONFIG", nowhere.toString()))
                .hasJust(
                        "fail cluster: https://127.0.0.1:1 does not answer us … -> see whether KUBECONFIG",
                        "warn rights: not looked at, because of the cluster",
                        "warn nodes: not looked at",
                        "warn hooks: not looked at",
                        "warn budgets: not looked at",
                        "warn graces: not looked at … -> mend the cluster first")
                .fails();
    }

    @Test
    void namesATokenThatIsNotKnown(@TempDir Path folder) throws IOException {
        Path stranger = copyOfKubeconfig(folder, "token: .*", "token: stranger");

        DoctorRun run = doctor(Map.of("KUBECONFIG", stranger.toString()));

        assertThat(run.findings())
                .anySatisfy(finding -> assertThat(DoctorRun.line(finding))
                        .containsSubsequence(
                                "fail cluster:", "does not know our credentials (401)", "-> see whether KUBECONFIG"));
        run.fails();
    }

    @Test
    void namesAMissingPermission() {
        without("pods/eviction", "create")
                .hasJust("fail rights: system:serviceaccount:glidepath:glidepath may not create pods/eviction, which "
                        + "drain.eviction.Evictor needs … -> grant it as the chart's roles do")
                .fails();
    }

    @Test
    void namesAMissingPermissionThatAlsoStopsACheck() {
        without("poddisruptionbudgets", "list")
                .hasJust(
                        "fail rights: … may not list poddisruptionbudgets.policy … ",
                        "fail rights: … may not watch poddisruptionbudgets.policy … ",
                        "warn budgets: we may not look at them … -> grant the rights that are missing")
                .fails();
    }

    @Test
    void namesANodeWithoutAnInstance() {
        var node = new NodeBuilder()
                .withNewMetadata()
                .withName("by-hand")
                .endMetadata()
                .build();
        plane.client().resource(node).create();
        try {
            doctor().hasJust("warn nodes: 1 of 3 tell no EC2 instance, neither in spec.providerID nor otherwise"
                            + " (by-hand) … -> run the AWS cloud controller")
                    .doesNotFail();
        } finally {
            plane.client().resource(node).delete();
        }
    }

    @Test
    void namesASelectorThatSelectsNothing() {
        doctor(Map.of("GLIDEPATH_NODE_SELECTOR", "pool=spot"))
                .hasJust("warn nodes: none has the labels pool=spot … -> correct GLIDEPATH_NODE_SELECTOR")
                .doesNotFail();
    }

    @Test
    void namesABudgetThatNeverHasRoom() {
        try (var strict = TestCluster.named(plane, "strict")) {
            var db = strict.deployment("db").createOn(strict.node("of-karpenter"));
            strict.budget("db", db).minAvailable(1);

            doctor().hasJust("warn budgets: 1 of 2 budgets let no pod go even when all are healthy (strict/db) … ->"
                            + " allow one")
                    .doesNotFail();
        }
        awaitGone("strict");
    }

    @Test
    void namesAPodThatASpotNoticeCutsShort() {
        try (var slow = TestCluster.named(plane, "slow")) {
            slow.deployment("batch").grace(Duration.ofMinutes(10)).createOn(slow.node("of-karpenter"));

            doctor().hasJust("warn graces: 1 pods ask for more grace … slow/batch … 600 s … -> shorten"
                            + " terminationGracePeriodSeconds")
                    .doesNotFail();
        }
        awaitGone("slow");
    }

    // The run of the program.

    private DoctorRun doctor() {
        return doctor(Map.of());
    }

    private DoctorRun doctor(Map<String, String> more) {
        ProgramRun run = ProgramRun.of(environment(more), "doctor", "--output", "json");
        try {
            JsonNode document = new JsonMapper().readTree(run.out());
            var findings = StreamSupport.stream(document.path("findings").spliterator(), false)
                    .toList();
            assertThat(findings)
                    .as(run.err())
                    .hasSize(DoctorRun.LEVELS.stream()
                            .mapToInt(level -> document.path(level).asInt())
                            .sum());
            return new DoctorRun(run.exitCode(), findings);
        } catch (JsonProcessingException unreadable) {
            throw new AssertionError(run.out() + run.err(), unreadable);
        }
    }

    private Map<String, String> environment() {
        return environment(Map.of());
    }

    private Map<String, String> environment(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(stack.environment());
        all.put("AWS_ENDPOINT_URL_AUTO_SCALING", autoScaling.endpoint().toString());
        all.put("AWS_EC2_METADATA_DISABLED", "true");
        all.put("AWS_CONFIG_FILE", "/dev/null");
        all.put("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        all.put("KUBECONFIG", plane.kubeconfigFor("glidepath", "glidepath").toString());
        all.put("GLIDEPATH_QUEUE_URL", queue());
        all.put("GLIDEPATH_POD_NAMESPACE", "glidepath");
        all.putAll(more);
        return all;
    }

    // Faults.

    private DoctorRun with(QueueAttributeName attribute, String value) {
        set(attribute, value);
        try {
            return doctor();
        } finally {
            set(attribute, whole.getOrDefault(attribute, ""));
        }
    }

    /** Along with the policy, which moto forgets when another attribute is set. */
    private void set(QueueAttributeName attribute, String value) {
        Map<QueueAttributeName, String> attributes = new EnumMap<>(Map.of(QueueAttributeName.POLICY, POLICY));
        attributes.put(attribute, value);
        sqs.setQueueAttributes(request -> request.queueUrl(queue()).attributes(attributes));
    }

    private interface Change {
        Target.Builder of(Target.Builder target);
    }

    private DoctorRun withTarget(String rule, Change change) {
        Target before = eventBridge
                .listTargetsByRule(request -> request.rule(rule))
                .targets()
                .getFirst();
        put(rule, change.of(before.toBuilder()).build());
        try {
            return doctor();
        } finally {
            put(rule, before);
        }
    }

    private void put(String rule, Target target) {
        eventBridge.removeTargets(request -> request.rule(rule).ids(target.id()));
        eventBridge.putTargets(request -> request.rule(rule).targets(target));
    }

    /** Without the whole rule that grants this. */
    private DoctorRun without(String resource, String verb) {
        KubernetesClient admin = plane.client();
        ClusterRole before = admin.rbac().clusterRoles().withName("glidepath").require();
        admin.rbac().clusterRoles().withName("glidepath").edit(role -> {
            role.getRules().removeIf(rule -> grants(rule, resource, verb));
            return role;
        });
        try {
            awaitAllowed(resource, verb, false);
            return doctor();
        } finally {
            admin.rbac().clusterRoles().withName("glidepath").edit(role -> {
                role.setRules(before.getRules());
                return role;
            });
            awaitAllowed(resource, verb, true);
        }
    }

    private static boolean grants(PolicyRule rule, String resource, String verb) {
        return rule.getResources().contains(resource) && rule.getVerbs().contains(verb);
    }

    private void awaitAllowed(String resource, String verb, boolean allowed) {
        String[] parts = (resource + "/").split("/", -1);
        var review = new SubjectAccessReviewBuilder()
                .withNewSpec()
                .withUser("system:serviceaccount:glidepath:glidepath")
                .withNewResourceAttributes()
                .withGroup(resource.startsWith("poddisruption") ? "policy" : "")
                .withResource(parts[0])
                .withSubresource(parts[1])
                .withVerb(verb)
                .endResourceAttributes()
                .endSpec()
                .build();
        await().atMost(Duration.ofMinutes(2))
                .until(() ->
                        plane.client().resource(review).create().getStatus().getAllowed() == allowed);
    }

    private void awaitGone(String namespace) {
        await().atMost(Duration.ofMinutes(4))
                .until(() -> plane.client()
                                .pods()
                                .inNamespace(namespace)
                                .list()
                                .getItems()
                                .isEmpty()
                        && plane.client()
                                .policy()
                                .v1()
                                .podDisruptionBudget()
                                .inNamespace(namespace)
                                .list()
                                .getItems()
                                .isEmpty());
    }

    private Path copyOfKubeconfig(Path folder, String what, String instead) throws IOException {
        String text = Files.readString(plane.kubeconfigFor("glidepath", "glidepath"));
        return Files.writeString(folder.resolve("kubeconfig"), text.replaceAll(what, instead));
    }

    // The set-up.

    private String queue() {
        return stack.queueUrl().toString();
    }

    private String arn() {
        return requireNonNull(attributes().get(QueueAttributeName.QUEUE_ARN));
    }

    private String redrive() {
        return requireNonNull(whole.get(QueueAttributeName.REDRIVE_POLICY));
    }

    private Map<QueueAttributeName, String> attributes() {
        return sqs.getQueueAttributes(request -> request.queueUrl(queue()).attributeNames(QueueAttributeName.ALL))
                .attributes();
    }

    private String ruleFor(String detailType) {
        return eventBridge.listRules(request -> {}).rules().stream()
                .filter(rule -> rule.eventPattern().contains(detailType))
                .findFirst()
                .orElseThrow()
                .name();
    }
}
