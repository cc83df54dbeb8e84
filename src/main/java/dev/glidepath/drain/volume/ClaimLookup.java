package dev.glidepath.drain.volume;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.ApiServer.Answer;
import dev.glidepath.drain.volume.ClaimOutcome.Failed;
import dev.glidepath.drain.volume.ClaimOutcome.Forbidden;
import dev.glidepath.drain.volume.ClaimOutcome.Found;
import dev.glidepath.drain.volume.ClaimOutcome.Gone;
import dev.glidepath.drain.volume.ClaimOutcome.Unbound;
import java.io.IOException;

/** Asks which volume a claim is bound to: one request a call, no retries of its own. A claim once bound stays bound. */
public final class ClaimLookup {
    private static final JsonMapper JSON = new JsonMapper();

    private final ApiServer apiServer;

    public ClaimLookup(ApiServer apiServer) {
        this.apiServer = apiServer;
    }

    /**
     * The PersistentVolume behind a claim.
     *
     * @throws InterruptedException when the program ends meanwhile
     */
    public ClaimOutcome volumeOf(String namespace, String claim) throws InterruptedException {
        try {
            Answer answer = apiServer.get("/api/v1/namespaces/" + namespace + "/persistentvolumeclaims/" + claim);
            return switch (answer.code()) {
                case 200 -> volume(answer.body());
                case 404 -> new Gone();
                case 401, 403 ->
                    new Forbidden("may not read a claim: the ClusterRole needs persistentvolumeclaims: get");
                default -> new Failed("the API server answered " + answer.code());
            };
        } catch (IOException noAnswer) {
            return new Failed(String.valueOf(noAnswer.getMessage()));
        }
    }

    private static ClaimOutcome volume(String body) {
        try {
            String volume = JSON.readTree(body).path("spec").path("volumeName").asText();
            return volume.isEmpty() ? new Unbound() : new Found(volume);
        } catch (JsonProcessingException garbled) {
            return new Failed("the API server's answer cannot be read");
        }
    }
}
