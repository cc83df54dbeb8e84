package dev.glidepath.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import dev.glidepath.config.Option;
import dev.glidepath.lab.Chart;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The effect of each value on the objects of the chart, and the values that the chart refuses. */
class ChartTest {
    private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

    @Test
    void lintFindsNothing() {
        LintResult lint = new Helm(Chart.FOLDER).lint().strict().call();

        assertThat(lint.isFailed()).as("%s", lint.getMessages()).isFalse();
        assertThat(lint.getMessages()).noneMatch(message -> message.contains("WARNING") || message.contains("ERROR"));
    }

    @Test
    void aQueueUrlIsEnoughForAllObjects() {
        assertThat(kinds(Chart.rendered()))
                .containsExactlyInAnyOrder(
                        "ClusterRole",
                        "ClusterRoleBinding",
                        "ConfigMap",
                        "Deployment",
                        "FlowSchema",
                        "NetworkPolicy",
                        "PodDisruptionBudget",
                        "Role",
                        "Role",
                        "RoleBinding",
                        "RoleBinding",
                        "Service",
                        "ServiceAccount");
    }

    // The program's options.

    @Test
    void eachOptionBecomesItsVariable() {
        Map<String, Object> values = new HashMap<>();
        Map<String, String> expected = new TreeMap<>();
        expected.put("GLIDEPATH_QUEUE_URL", Chart.QUEUE);
        Map.of(
                        "config.dryRun", "true",
                        "config.queueReceivers", "4",
                        "config.response.rebalanceRecommendation", "cordon",
                        "config.lastCall.enabled", "false",
                        "config.node.excludeFromLoadBalancers", "true",
                        "config.lifecycle.groups", "workers-*",
                        "config.scheduled.leadTime", "90m",
                        "config.http.port", "9090",
                        "config.drain.evictionsInFlight", "1000")
                .forEach((value, text) -> {
                    values.put(value, text);
                    expected.put(variable(value), text);
                });

        JsonNode data = Chart.rendered(values).one("ConfigMap").path("data");

        assertThat(texts(data)).isEqualTo(expected);
        assertThat(expected.keySet())
                .isSubsetOf(Option.all().stream().map(Option::variable).toList());
    }

    @Test
    void leavesUnsetOptionsToTheProgram() {
        assertThat(texts(Chart.rendered().one("ConfigMap").path("data")))
                .isEqualTo(Map.of("GLIDEPATH_QUEUE_URL", Chart.QUEUE));
    }

    @Test
    void aChangedOptionReplacesThePods() {
        String before = checksum(Chart.rendered());

        assertThat(checksum(Chart.rendered())).isEqualTo(before);
        assertThat(checksum(Chart.rendered(Map.of("config.log.level", "DEBUG"))))
                .isNotEqualTo(before);
    }

    @Test
    void theRegionGoesToTheSdk() {
        assertThat(texts(Chart.rendered(Map.of("aws.region", "eu-central-1"))
                        .one("ConfigMap")
                        .path("data")))
                .containsEntry("AWS_REGION", "eu-central-1");
    }

    @Test
    void addsExtraEnvToTheEnvironment() {
        Chart chart = Chart.rendered(Map.of("extraEnv[0].name", "HTTPS_PROXY", "extraEnv[0].value", "proxy:3128"));

        assertThat(container(chart).path("env").findValuesAsText("name"))
                .containsExactly(
                        "GLIDEPATH_POD_NAME", "GLIDEPATH_POD_NAMESPACE", "GLIDEPATH_POD_RELEASE", "HTTPS_PROXY");
    }

    @Test
    void eachPodKnowsItsRelease() {
        assertThat(container(Chart.rendered()).path("env").valueStream())
                .filteredOn(variable -> variable.path("name").asText().equals("GLIDEPATH_POD_RELEASE"))
                .singleElement()
                .satisfies(
                        variable -> assertThat(variable.path("value").asText()).isNotBlank());
    }

    // The pods.

    @Test
    void thePodsAreRestricted() {
        JsonNode pod = pod(Chart.rendered());
        JsonNode container = container(Chart.rendered());

        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod.at("/securityContext/runAsUser").asInt()).isEqualTo(65532);
        assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
        assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true))
                .isFalse();
        assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean())
                .isTrue();
        assertThat(container.at("/securityContext/capabilities/drop/0").asText())
                .isEqualTo("ALL");
    }

    @Test
    void thePodsAreSpreadAndStayAwayFromSpotNodes() {
        JsonNode pod = pod(Chart.rendered());

        assertThat(Chart.rendered().one("Deployment").at("/spec/replicas").asInt())
                .isEqualTo(2);
        assertThat(pod.path("priorityClassName").asText()).isEqualTo("system-cluster-critical");
        assertThat(pod.path("topologySpreadConstraints").findValuesAsText("topologyKey"))
                .containsExactly("kubernetes.io/hostname", "topology.kubernetes.io/zone");
        assertThat(pod.path("topologySpreadConstraints"))
                .allSatisfy(spread -> assertThat(spread.at("/labelSelector/matchLabels/app.kubernetes.io~1name")
                                .asText())
                        .isEqualTo("glidepath"));
        assertThat(pod.path("affinity").findValuesAsText("key"))
                .containsExactly(
                        "eks.amazonaws.com/capacityType", "karpenter.sh/capacity-type", "node.kubernetes.io/lifecycle");
    }

    @Test
    void probesUseTheConfiguredPort() {
        JsonNode container = container(Chart.rendered(Map.of("config.http.port", "9090")));

        assertThat(container.at("/ports/0/containerPort").asInt()).isEqualTo(9090);
        assertThat(container.at("/startupProbe/httpGet/path").asText()).isEqualTo("/health/live");
        assertThat(container.at("/livenessProbe/httpGet/path").asText()).isEqualTo("/health/live");
        assertThat(container.at("/readinessProbe/httpGet/path").asText()).isEqualTo("/health/ready");
        assertThat(container.findValuesAsText("port")).containsOnly("http");
    }

    static Stream<Arguments> podValues() {
        return Stream.of(
                argumentSet("replicas", Map.of("replicas", "3"), "/spec/replicas", "3"),
                argumentSet("tag", Map.of("image.tag", "1.2.3"), image(), "ghcr.io/glidepath/glidepath:1.2.3"),
                argumentSet(
                        "digest",
                        Map.of("image.digest", DIGEST, "image.tag", "1.2.3"),
                        image(),
                        "ghcr.io/glidepath/glidepath@" + DIGEST),
                argumentSet("repository", Map.of("image.repository", "r/g"), image(), "r/g:0.1.0"),
                argumentSet(
                        "pull policy",
                        Map.of("image.pullPolicy", "Always"),
                        "/spec/template/spec/containers/0/imagePullPolicy",
                        "Always"),
                argumentSet(
                        "pull secrets",
                        Map.of("image.pullSecrets[0].name", "registry"),
                        "/spec/template/spec/imagePullSecrets/0/name",
                        "registry"),
                argumentSet(
                        "priority",
                        Map.of("priorityClassName", "high"),
                        "/spec/template/spec/priorityClassName",
                        "high"),
                argumentSet(
                        "node selector",
                        Map.of("nodeSelector.team", "ops"),
                        "/spec/template/spec/nodeSelector/team",
                        "ops"),
                argumentSet(
                        "tolerations",
                        Map.of("tolerations[0].key", "ops"),
                        "/spec/template/spec/tolerations/0/key",
                        "ops"),
                argumentSet(
                        "resources",
                        Map.of("resources.limits.memory", "1Gi"),
                        "/spec/template/spec/containers/0/resources/limits/memory",
                        "1Gi"),
                argumentSet(
                        "grace",
                        Map.of("terminationGracePeriodSeconds", "60"),
                        "/spec/template/spec/terminationGracePeriodSeconds",
                        "60"),
                argumentSet("labels", Map.of("labels.team", "ops"), "/metadata/labels/team", "ops"),
                argumentSet(
                        "pod labels", Map.of("podLabels.team", "ops"), "/spec/template/metadata/labels/team", "ops"),
                argumentSet(
                        "pod annotations",
                        Map.of("podAnnotations.team", "ops"),
                        "/spec/template/metadata/annotations/team",
                        "ops"),
                argumentSet("name", Map.of("nameOverride", "other"), "/metadata/name", "glidepath-other"),
                argumentSet("full name", Map.of("fullnameOverride", "other"), "/metadata/name", "other"),
                argumentSet(
                        "service account",
                        Map.of("serviceAccount.name", "other"),
                        "/spec/template/spec/serviceAccountName",
                        "other"));
    }

    @ParameterizedTest
    @MethodSource("podValues")
    void aValueSetsAFieldOfTheDeployment(Map<String, String> values, String pointer, String expected) {
        assertThat(Chart.rendered(values).one("Deployment").at(pointer).asText())
                .isEqualTo(expected);
    }

    // Switches.

    @ParameterizedTest
    @CsvSource({
        "service.enabled, false, Service",
        "networkPolicy.enabled, false, NetworkPolicy",
        "flowSchema.enabled, false, FlowSchema",
        "podDisruptionBudget.enabled, false, PodDisruptionBudget",
        "replicas, 1, PodDisruptionBudget",
        "rbac.create, false, ClusterRole",
        "rbac.create, false, ClusterRoleBinding",
        "rbac.create, false, Role",
        "rbac.create, false, RoleBinding",
    })
    void aSwitchRemovesAnObject(String value, String setting, String kind) {
        assertThat(Chart.rendered().any(kind)).isPresent();
        assertThat(Chart.rendered(Map.of(value, setting)).any(kind)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "serviceMonitor.enabled, ServiceMonitor",
        "podMonitor.enabled, PodMonitor",
        "admissionPolicy.enabled, ValidatingAdmissionPolicy",
        "admissionPolicy.enabled, ValidatingAdmissionPolicyBinding",
    })
    void aSwitchAddsAnObject(String value, String kind) {
        assertThat(Chart.rendered().any(kind)).isEmpty();
        assertThat(Chart.rendered(Map.of(value, "true")).any(kind)).isPresent();
    }

    static Stream<Arguments> details() {
        return Stream.of(
                argumentSet(
                        "Service's annotations",
                        "Service",
                        Map.of("service.annotations.team", "ops"),
                        "/metadata/annotations/team",
                        "ops"),
                argumentSet(
                        "account's annotations",
                        "ServiceAccount",
                        Map.of("serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn", "arn:aws:iam::1:role/g"),
                        "/metadata/annotations/eks.amazonaws.com~1role-arn",
                        "arn:aws:iam::1:role/g"),
                argumentSet(
                        "budget",
                        "PodDisruptionBudget",
                        Map.of("podDisruptionBudget.maxUnavailable", "50%"),
                        "/spec/maxUnavailable",
                        "50%"),
                argumentSet(
                        "ServiceMonitor's interval",
                        "ServiceMonitor",
                        Map.of("serviceMonitor.enabled", "true", "serviceMonitor.interval", "1m"),
                        "/spec/endpoints/0/interval",
                        "1m"),
                argumentSet(
                        "ServiceMonitor's labels",
                        "ServiceMonitor",
                        Map.of("serviceMonitor.enabled", "true", "serviceMonitor.labels.team", "ops"),
                        "/metadata/labels/team",
                        "ops"),
                argumentSet(
                        "PodMonitor's interval",
                        "PodMonitor",
                        Map.of("podMonitor.enabled", "true", "podMonitor.interval", "1m"),
                        "/spec/podMetricsEndpoints/0/interval",
                        "1m"),
                argumentSet(
                        "PodMonitor's labels",
                        "PodMonitor",
                        Map.of("podMonitor.enabled", "true", "podMonitor.labels.team", "ops"),
                        "/metadata/labels/team",
                        "ops"),
                argumentSet(
                        "API server's port",
                        "NetworkPolicy",
                        Map.of("networkPolicy.apiServerPorts[0]", "6443"),
                        "/spec/egress/1/ports/1/port",
                        "6443"),
                argumentSet(
                        "more egress",
                        "NetworkPolicy",
                        Map.of("networkPolicy.extraEgress[0].ports[0].port", "3128"),
                        "/spec/egress/3/ports/0/port",
                        "3128"),
                argumentSet(
                        "priority level",
                        "FlowSchema",
                        Map.of("flowSchema.priorityLevel", "ours"),
                        "/spec/priorityLevelConfiguration/name",
                        "ours"),
                argumentSet(
                        "precedence",
                        "FlowSchema",
                        Map.of("flowSchema.matchingPrecedence", "9"),
                        "/spec/matchingPrecedence",
                        "9"));
    }

    @ParameterizedTest
    @MethodSource("details")
    void aValueSetsAFieldOfAnotherObject(String kind, Map<String, String> values, String pointer, String expected) {
        assertThat(Chart.rendered(values).one(kind).at(pointer).asText()).isEqualTo(expected);
    }

    @Test
    void usesAnotherServiceAccountIfItCreatesNone() {
        Chart chart = Chart.rendered(Map.of("serviceAccount.create", "false", "serviceAccount.name", "theirs"));

        assertThat(chart.any("ServiceAccount")).isEmpty();
        assertThat(pod(chart).path("serviceAccountName").asText()).isEqualTo("theirs");
        assertThat(chart.one("ClusterRoleBinding").at("/subjects/0/name").asText())
                .isEqualTo("theirs");
    }

    // Permissions that depend on a switch.

    @Test
    void grantsNoDeleteWithoutTheLastCall() {
        assertThat(permissions(Chart.rendered())).contains("pods delete", "pods/status patch");
        assertThat(permissions(Chart.rendered(Map.of("config.lastCall.enabled", "false"))))
                .doesNotContain("pods delete", "pods/status patch")
                .contains("pods/eviction create");
    }

    @Test
    void grantsNoWriteInADryRun() {
        Chart dry = Chart.rendered(Map.of("config.dryRun", "true"));

        assertThat(permissions(dry))
                .isNotEmpty()
                .allMatch(permission ->
                        permission.endsWith(" get") || permission.endsWith(" list") || permission.endsWith(" watch"))
                .contains("leases list", "leases watch");
        assertThat(permissions(dry)).doesNotContain("secrets get", "pods get");
    }

    // Refused values.

    @Test
    void refusesToInstallWithoutAQueueUrl() {
        assertThatThrownBy(() -> Chart.renderedWithJust(Map.of()))
                .hasMessageContaining("config.queueUrl must be the URL of the queue");
    }

    @ParameterizedTest
    @CsvSource({
        "replica, 3, replica",
        "config.lastCal.enabled, true, lastCal",
        "config.lastCall.enable, true, enable",
        "config.lastCall.enabled, yes, enabled",
        "config.queueReceivers, 17, queueReceivers",
        "config.queueReceivers, many, queueReceivers",
        "config.response.spotInterruption, drian, spotInterruption",
        "config.response.healthNotice, drain, healthNotice",
        "config.pod.name, other, pod",
        "replicas, 0, replicas",
        "replicas, two, replicas",
        "image.tag, latest, tag",
        "image.digest, sha256:12, digest",
        "image.pullPolicy, Sometimes, pullPolicy",
        "aws.region, europe, region",
        "terminationGracePeriodSeconds, 1, terminationGracePeriodSeconds",
        "podDisruptionBudget.maxUnavailable, 0, maxUnavailable",
        "networkPolicy.apiServerPorts[0], 70000, apiServerPorts",
        "flowSchema.matchingPrecedence, 0, matchingPrecedence",
        "serviceMonitor.interval, often, interval",
    })
    void refusesAWrongValueAndNamesIt(String value, String setting, String named) {
        assertThatThrownBy(() -> Chart.rendered(Map.of(value, setting))).hasMessageContaining(named);
    }

    @ParameterizedTest
    @CsvSource({
        "serviceAccount.create, false, , , serviceAccount.name must name",
        "serviceMonitor.enabled, true, service.enabled, false, serviceMonitor.enabled wants service.enabled",
        "serviceMonitor.enabled, true, podMonitor.enabled, true, would scrape every replica twice",
    })
    void refusesValuesThatContradictEachOther(String one, String is, String other, String isSo, String words) {
        Map<String, String> values = new HashMap<>(Map.of(one, is));
        if (other != null) {
            values.put(other, isSo);
        }

        assertThatThrownBy(() -> Chart.rendered(values)).hasMessageContaining(words);
    }

    private static String variable(String value) {
        return value.replaceFirst("^config\\.", "glidepath.")
                .replaceAll("([A-Z])", "_$1")
                .replace('.', '_')
                .toUpperCase(java.util.Locale.ROOT);
    }

    private static String image() {
        return "/spec/template/spec/containers/0/image";
    }

    private static JsonNode pod(Chart chart) {
        return chart.one("Deployment").at("/spec/template/spec");
    }

    private static JsonNode container(Chart chart) {
        return pod(chart).at("/containers/0");
    }

    private static String checksum(Chart chart) {
        return chart.one("Deployment")
                .at("/spec/template/metadata/annotations/checksum~1config")
                .asText();
    }

    private static List<String> kinds(Chart chart) {
        return chart.objects().stream()
                .map(object -> object.path("kind").asText())
                .toList();
    }

    private static Map<String, String> texts(JsonNode map) {
        return map.properties().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().textValue()));
    }

    /** Each verb on each resource, as {@code pods delete}. */
    private static List<String> permissions(Chart chart) {
        List<String> permissions = new ArrayList<>();
        Stream.concat(chart.all("ClusterRole").stream(), chart.all("Role").stream())
                .flatMap(role -> StreamSupport.stream(role.path("rules").spliterator(), false))
                .forEach(rule -> rule.path("resources")
                        .forEach(resource -> rule.path("verbs")
                                .forEach(verb -> permissions.add(resource.asText() + " " + verb.asText()))));
        return permissions;
    }
}
