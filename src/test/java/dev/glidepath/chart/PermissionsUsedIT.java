package dev.glidepath.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.glidepath.lab.AuditLog;
import dev.glidepath.lab.AuditLog.Request;
import dev.glidepath.lab.Chart;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.RunsAlone;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Runs after all other tests, in which the daemon had the permissions of the chart and no others: the daemon used each of them and
 * asked for no other.
 */
@RunsAlone
@Order(Integer.MAX_VALUE)
class PermissionsUsedIT {
    private static final String DAEMON = AuditLog.serviceAccount(Chart.NAME, Chart.NAME);

    private record Asked(String permission, boolean forbidden) {
        private static Asked of(Request request) {
            String resource = request.subresource().isEmpty()
                    ? request.resource()
                    : request.resource() + "/" + request.subresource();
            return new Asked(
                    resource + ": " + request.verb(), request.decision().equals("forbid"));
        }
    }

    @Test
    void theSuiteUsesEachPermissionAndNeedsNoOther() {
        Set<Asked> asked = ControlPlane.auditLogs().stream()
                .flatMap(log -> AuditLog.allOf(log, DAEMON, Asked::of).stream())
                .collect(Collectors.toSet());
        assumeThat(asked).as("requests of the other tests").isNotEmpty();

        assertThat(asked).filteredOn(Asked::forbidden).isEmpty();
        assertThat(asked).extracting(Asked::permission).containsAll(granted());
    }

    private static Set<String> granted() {
        return Chart.rendered().rules().stream()
                .flatMap(rule -> rule.resources().stream()
                        .flatMap(resource -> rule.verbs().stream().map(verb -> resource + ": " + verb)))
                .collect(Collectors.toSet());
    }
}
