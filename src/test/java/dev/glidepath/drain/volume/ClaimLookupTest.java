package dev.glidepath.drain.volume;

import static dev.glidepath.lab.ScriptedApiServer.answer;
import static dev.glidepath.lab.ScriptedApiServer.noAnswer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.drain.volume.ClaimOutcome.Failed;
import dev.glidepath.drain.volume.ClaimOutcome.Forbidden;
import dev.glidepath.drain.volume.ClaimOutcome.Found;
import dev.glidepath.drain.volume.ClaimOutcome.Gone;
import dev.glidepath.drain.volume.ClaimOutcome.Unbound;
import dev.glidepath.lab.ScriptedApiServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimLookupTest {
    private final ScriptedApiServer server = new ScriptedApiServer();
    private final KubernetesClient client = server.client();
    private final ClaimLookup claims = new ClaimLookup(new ApiServer(client.getConfiguration()));

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    @Test
    void findsTheVolumeInOneRequest() throws InterruptedException {
        server.onList(answer(200, "{\"spec\": {\"volumeName\": \"pv-1\"}}"));

        assertThat(claims.volumeOf("shop", "data-db-0")).isEqualTo(new Found("pv-1"));

        assertThat(server.requests()).containsExactly("GET /api/v1/namespaces/shop/persistentvolumeclaims/data-db-0");
    }

    @Test
    void claimThatWaitsForItsFirstConsumerIsUnbound() throws InterruptedException {
        server.onList(answer(200, "{\"spec\": {}, \"status\": {\"phase\": \"Pending\"}}"));

        assertThat(claims.volumeOf("shop", "data-db-0")).isEqualTo(new Unbound());
    }

    @Test
    void deletedClaimIsGone() throws InterruptedException {
        server.onList(answer(404, "{}"));

        assertThat(claims.volumeOf("shop", "data-db-0")).isEqualTo(new Gone());
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void lackOfRightsNamesTheRule(int code) throws InterruptedException {
        server.onList(answer(code, "{}"));

        assertThat(claims.volumeOf("shop", "data-db-0"))
                .isEqualTo(new Forbidden("may not read a claim: the ClusterRole needs persistentvolumeclaims: get"));
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503})
    void serverInTroubleIsAFailure(int code) throws InterruptedException {
        server.onList(answer(code, "{}"));

        assertThat(claims.volumeOf("shop", "data-db-0")).isEqualTo(new Failed("the API server answered " + code));
    }

    @Test
    void silenceAndGibberishAreFailuresAndNoExceptions() throws InterruptedException {
        server.onList(noAnswer(), answer(200, "{\"spec\": {\"vol"));

        assertThat(claims.volumeOf("shop", "data-db-0")).isInstanceOf(Failed.class);
        assertThat(claims.volumeOf("shop", "data-db-0")).isInstanceOf(Failed.class);
    }
}
