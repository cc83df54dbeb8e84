package dev.glidepath.node;

import static dev.glidepath.lab.ScriptedApiServer.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.lab.ScriptedApiServer;
import dev.glidepath.node.WriteOutcome.Conflict;
import dev.glidepath.node.WriteOutcome.Denied;
import dev.glidepath.node.WriteOutcome.Failed;
import dev.glidepath.node.WriteOutcome.Invalid;
import dev.glidepath.node.WriteOutcome.RefusedByPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the API server's refusals mean; the rest is in {@link NodeWriterIT}. */
class NodeWriterTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final KubeNode NODE = new KubeNode(
            new NodeName("a"),
            NOON,
            new Readiness(Readiness.Status.TRUE, Optional.empty()),
            false,
            false,
            true,
            Map.of(),
            List.of(),
            "");

    private final ScriptedApiServer server = new ScriptedApiServer();
    private final KubernetesClient client = server.client();
    private final NodeWriter writer = new NodeWriter(new ApiServer(client.getConfiguration()), _ -> {}, false);

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    @Test
    void lackOfRightsNamesTheRule() throws InterruptedException {
        assertThat(outcomeOf(
                        403,
                        "nodes \"a\" is forbidden: User \"system:serviceaccount:g:g\" cannot patch resource \"nodes\" in API"
                                + " group \"\" at the cluster scope"))
                .isEqualTo(new Denied("may not patch nodes: the ClusterRole needs nodes: patch"));
    }

    /** A ValidatingAdmissionPolicy answers 422 where it gives no reason: that is no conflict, which reading the node would mend. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "403|nodes \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no taints here",
                "422|nodes \"a\" is invalid: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no taints here",
                "400|admission webhook \"guard.example\" denied the request: not today",
                "403|nodes \"a\" is forbidden: not in this house"
            })
    void whatAPolicyRefusesIsNoLackOfRights(int code, String message) throws InterruptedException {
        assertThat(outcomeOf(code, message))
                .isInstanceOfSatisfying(
                        RefusedByPolicy.class,
                        refused -> assertThat(refused.why())
                                .contains("admission policy", message)
                                .doesNotContain("ClusterRole"));
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void credentialsThatAreNotAcceptedAreNoMissingRule() throws InterruptedException {
        assertThat(outcomeOf(401, "Unauthorized"))
                .isEqualTo(new Denied("the API server does not accept our credentials"));
    }

    @Test
    void aFailedTestOfThePatchIsAConflict() throws InterruptedException {
        assertThat(outcomeOf(422, "the server rejected our request due to an error in our request"))
                .isEqualTo(new Conflict());
    }

    /** To try that again at once is in vain: the node is as it was seen. */
    @Test
    void whatTheNodeMayNotBecomeIsNoConflict() throws InterruptedException {
        String tooLong = "Node \"a\" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes";

        assertThat(outcomeOf(422, tooLong)).isEqualTo(new Invalid("the API server answered 422: " + tooLong));
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void whatElseFailsIsToldInTheServersWords() throws InterruptedException {
        assertThat(outcomeOf(500, "failed calling webhook"))
                .isEqualTo(new Failed("the API server answered 500: failed calling webhook"));
    }

    @Test
    void aBusyServerIsLeftAloneForAsLongAsItWants() throws InterruptedException {
        server.onWrite(exchange -> {
            exchange.getResponseHeaders().add("Retry-After", "3");
            answer(429, "Too many requests, please try again later.\n").handle(exchange);
        });

        assertThat(writer.journal(NODE, Journal.empty(NOON)))
                .isEqualTo(new WriteOutcome.Overloaded("the API server answered 429", Duration.ofSeconds(3)));
    }

    private WriteOutcome outcomeOf(int code, String message) throws InterruptedException {
        server.onWrite(answer(
                code,
                JsonNodeFactory.instance.objectNode().put("message", message).toString()));
        return writer.journal(NODE, Journal.empty(NOON));
    }
}
