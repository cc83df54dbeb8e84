package dev.glidepath.doctor.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.doctor.cluster.ClusterPermission.Scope;
import dev.glidepath.lab.Chart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ClusterPermissionTest {

    /** A rule that is added to the chart is added here, and the other way round. */
    @ParameterizedTest
    @MethodSource
    void needsWhatTheChartGrants(Map<String, String> values, boolean writes, boolean deletes) {
        Set<String> granted = Stream.of("ClusterRole", "Role")
                .flatMap(kind -> Chart.rendered(values).all(kind).stream())
                .flatMap(ClusterPermissionTest::grantedBy)
                .collect(Collectors.toSet());

        assertThat(ClusterPermission.needed(writes, deletes).stream().map(ClusterPermissionTest::text))
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(granted);
    }

    static Stream<Arguments> needsWhatTheChartGrants() {
        return Stream.of(
                argumentSet("by default", Map.of(), true, true),
                argumentSet("in a dry run", Map.of("config.dryRun", "true"), false, true),
                argumentSet("without a last call", Map.of("config.lastCall.enabled", "false"), true, false));
    }

    @Test
    void namesClassesThatExist() {
        assertThat(ClusterPermission.needed(true, true))
                .allSatisfy(permission -> assertThat(Files.exists(Path.of(
                                "src/main/java/dev/glidepath",
                                permission.neededBy().replace('.', '/') + ".java")))
                        .as(permission.neededBy())
                        .isTrue());
    }

    private static Stream<String> grantedBy(JsonNode role) {
        String scope = scopeOf(role).name();
        return role.path("rules")
                .valueStream()
                .flatMap(rule -> texts(rule, "apiGroups").stream()
                        .flatMap(group -> texts(rule, "resources").stream()
                                .flatMap(resource -> texts(rule, "verbs").stream()
                                        .map(verb -> "%s %s.%s %s".formatted(verb, resource, group, scope)))));
    }

    private static Scope scopeOf(JsonNode role) {
        return switch (role.at("/metadata/namespace").asText()) {
            case "" -> Scope.CLUSTER;
            case "glidepath" -> Scope.OWN_NAMESPACE;
            case "kube-node-lease" -> Scope.NODE_LEASES;
            default -> throw new AssertionError(role);
        };
    }

    private static List<String> texts(JsonNode rule, String field) {
        return rule.path(field).valueStream().map(JsonNode::asText).toList();
    }

    private static String text(ClusterPermission permission) {
        return "%s %s.%s %s"
                .formatted(permission.verb(), permission.resource(), permission.group(), permission.scope());
    }
}
