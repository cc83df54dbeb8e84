package dev.glidepath.doctor.cluster;

import static dev.glidepath.lab.ScriptedApiServer.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.doctor.Check;
import dev.glidepath.doctor.Finding;
import dev.glidepath.doctor.Finding.Level;
import dev.glidepath.lab.ScriptedApiServer;
import dev.glidepath.node.NodeSelector;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The findings of each check, from the JSON of an API server. */
class ClusterChecksTest {
    private static final String ON_EC2 = """
            {"metadata": {"name": "ip-10-0-1-7"}, "spec": {"providerID": "aws:///eu-west-1a/i-0123456789abcdef0"}}""";
    private static final String BY_HAND = """
            {"metadata": {"name": "by-hand", "labels": {"pool": "own"}}, "spec": {}}""";
    private static final String ON_FARGATE = """
            {"metadata": {"name": "fargate-ip-10-0-1-8", "labels": {"eks.amazonaws.com/compute-type": "fargate"}},
             "spec": {"providerID": "aws:///eu-west-1a/64f8c4c2e9-9d6f/fargate-ip-10-0-1-8"}}""";

    private final ScriptedApiServer server = new ScriptedApiServer();
    private final KubernetesClient client = server.client();
    private final Listing listing = new Listing(new ApiServer(client.getConfiguration()));
    private final AccessReviews reviews = new AccessReviews(new ApiServer(client.getConfiguration()), "glidepath");

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    // Nodes.

    @Test
    void readsNodesPageByPage() throws Exception {
        server.onList(answer(200, """
                        {"metadata": {"continue": "a/b="}, "items": [%s]}""".formatted(ON_EC2)), list(BY_HAND));

        assertThat(nodes(Optional.empty())).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Level.WARN);
            assertThat(finding.found())
                    .startsWith("1 of 2 tell no EC2 instance")
                    .contains("(by-hand)");
        });
        assertThat(server.requests())
                .containsExactly("GET /api/v1/nodes?limit=500", "GET /api/v1/nodes?limit=500&continue=a%2Fb%3D");
    }

    @Test
    void ignoresNodesOfFargate() throws Exception {
        server.onList(list(ON_EC2, ON_FARGATE));

        assertThat(nodes(Optional.empty())).containsExactly(Finding.ok("nodes", "1, and each tells its EC2 instance"));
    }

    @Test
    void ignoresNodesThatAreNotSelected() throws Exception {
        server.onList(list(ON_EC2, BY_HAND));

        assertThat(nodes(NodeSelector.parse("pool!=own")))
                .containsExactly(Finding.ok("nodes", "1, and each tells its EC2 instance"));
    }

    @Test
    void acceptsAClusterWithoutNodes() throws Exception {
        server.onList(list());

        assertThat(nodes(Optional.empty())).extracting(Finding::level).containsExactly(Level.OK);
    }

    private List<Finding> nodes(Optional<NodeSelector> selector) throws Exception {
        return new NodesCheck(listing, selector).run();
    }

    // Budgets.

    @ParameterizedTest
    @CsvSource({
        // one may be away
        "3, 2, 3, 1, OK",
        // minAvailable is as many as there are
        "3, 3, 3, 0, WARN",
        // the same while some are not healthy
        "3, 3, 1, 0, WARN",
        // more than there are
        "1, 2, 1, 0, WARN",
        // none may go now, which is temporary
        "3, 2, 2, 0, OK",
        // it covers no pod
        "0, 0, 0, 0, OK"
    })
    void warnsOfBudgetsThatNeverAllowADisruption(int expected, int desired, int current, int allowed, Level level)
            throws Exception {
        server.onList(list("""
                {"metadata": {"namespace": "shop", "name": "db"}, "status":
                 {"expectedPods": %d, "desiredHealthy": %d, "currentHealthy": %d, "disruptionsAllowed": %d}}""".formatted(expected, desired, current, allowed)));

        assertThat(new BudgetsCheck(listing).run()).extracting(Finding::level).containsExactly(level);
    }

    @Test
    void namesTenOfManyBudgets() throws Exception {
        String budget = """
                {"metadata": {"namespace": "shop", "name": "db"}, "status": {"expectedPods": 1, "desiredHealthy": 1}}""";
        server.onList(
                list(budget, budget, budget, budget, budget, budget, budget, budget, budget, budget, budget, budget));

        assertThat(new BudgetsCheck(listing).run())
                .singleElement()
                .extracting(Finding::found)
                .asString()
                .contains("shop/db and 2 more");
    }

    // Grace periods.

    @ParameterizedTest
    @CsvSource({
        "110, Running, ReplicaSet, OK",
        "111, Running, ReplicaSet, WARN",
        "111, Pending, ReplicaSet, WARN",
        "600, Running, DaemonSet, OK",
        "600, Succeeded, Job, OK",
        "600, Failed, Job, OK"
    })
    void warnsOfGracePeriodsLongerThanASpotNotice(int gracePeriod, String phase, String owner, Level level)
            throws Exception {
        server.onList(list("""
                {"metadata": {"namespace": "shop", "name": "web-1", "ownerReferences": [{"kind": "%s"}]},
                 "spec": {"terminationGracePeriodSeconds": %d}, "status": {"phase": "%s"}}""".formatted(owner, gracePeriod, phase)));

        assertThat(new GracePeriodsCheck(listing).run())
                .extracting(Finding::level)
                .containsExactly(level);
    }

    @Test
    void aPodWithoutGracePeriodHasThirtySeconds() throws Exception {
        server.onList(list("{\"metadata\": {}, \"spec\": {}}"));

        assertThat(new GracePeriodsCheck(listing).run())
                .extracting(Finding::level)
                .containsExactly(Level.OK);
    }

    // Access and permissions.

    @Test
    void reportsTheUserOfTheCluster() throws Exception {
        server.onWrite(answer(201, "{\"status\": {\"userInfo\": {\"username\": \"jane\"}}}"));

        assertThat(new ClusterCheck(reviews).run())
                .singleElement()
                .satisfies(finding -> assertThat(finding.found()).endsWith("knows us as jane"));
        assertThat(server.requests()).containsExactly("POST /apis/authentication.k8s.io/v1/selfsubjectreviews");
    }

    @Test
    void anUnknownTokenGivesNoAccess() {
        server.onWrite(answer(401, "{}"));

        assertThatThrownBy(() -> new ClusterCheck(reviews).run())
                .isInstanceOfSatisfying(
                        Check.NoAccess.class,
                        none -> assertThat(none.finding().level()).isEqualTo(Level.FAIL))
                .hasMessageContaining("does not know our credentials (401)");
    }

    @Test
    void asksForEachPermission() throws Exception {
        String yes = "{\"status\": {\"allowed\": true}}";
        String no = "{\"status\": {\"allowed\": false}}";
        server.onWrite(answer(201, "{}"), answer(201, yes), answer(201, no));
        List<ClusterPermission> two = ClusterPermission.needed(true, true).stream()
                .filter(permission -> permission.resource().equals("leases"))
                .limit(2)
                .toList();

        assertThat(new PermissionsCheck(reviews, two).run()).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Level.FAIL);
            assertThat(finding.found()).contains("may not watch leases.coordination.k8s.io in namespace glidepath");
        });
        assertThat(server.requests()).hasSize(3);
    }

    private static com.sun.net.httpserver.HttpHandler list(String... items) {
        return answer(200, "{\"metadata\": {}, \"items\": [%s]}".formatted(String.join(",", items)));
    }
}
