package dev.glidepath.drain.eviction;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.drain.eviction.EvictionOutcome.BlockedByBudget;
import dev.glidepath.drain.eviction.EvictionOutcome.Evicted;
import dev.glidepath.drain.eviction.EvictionOutcome.Failed;
import dev.glidepath.drain.eviction.EvictionOutcome.Forbidden;
import dev.glidepath.drain.eviction.EvictionOutcome.Gone;
import dev.glidepath.drain.eviction.EvictionOutcome.NamespaceTerminating;
import dev.glidepath.drain.eviction.EvictionOutcome.OtherPod;
import dev.glidepath.drain.eviction.EvictionOutcome.Overloaded;
import dev.glidepath.drain.eviction.EvictionOutcome.RefusedByPolicy;
import dev.glidepath.drain.pod.PodRef;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/**
 * Asks the API server to evict a pod: one request a call, the pod's UID as precondition, no retry of its own. At most so
 * many are in flight at once in the whole process.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/">API-initiated eviction</a>
 */
public final class Evictor {
    private static final Pattern BUDGET_IN_MESSAGE = Pattern.compile("The disruption budget (\\S+) ");

    /** Two budgets on one pod, and somebody's webhook or policy, are told in words alone. */
    private static final Pattern REFUSED_BY_WORD =
            Pattern.compile("more than one PodDisruptionBudget|denied the request|denied request");

    /** A conflict over the UID; any other is over a pod that is still there. */
    private static final Pattern OTHER_POD = Pattern.compile("UID in (?:the )?precondition");

    private static final JsonMapper JSON = new JsonMapper();

    private final ApiServer apiServer;
    private final Semaphore inFlight;

    /**
     * @param mostInFlight how many evictions may be under way at once
     */
    public Evictor(ApiServer apiServer, int mostInFlight) {
        this.apiServer = apiServer;
        this.inFlight = new Semaphore(mostInFlight, true);
    }

    /**
     * Asks once. Waits for its turn where too many are in flight.
     *
     * @throws InterruptedException when the program ends meanwhile
     */
    public EvictionOutcome evict(PodRef pod) throws InterruptedException {
        inFlight.acquire();
        try {
            ApiServer.Answer answer = apiServer.post(
                    "/api/v1/namespaces/%s/pods/%s/eviction".formatted(pod.namespace(), pod.name()), eviction(pod));
            return outcome(answer.code(), answer.body());
        } catch (IOException noAnswer) {
            return new Failed(String.valueOf(noAnswer.getMessage()));
        } finally {
            inFlight.release();
        }
    }

    private static String eviction(PodRef pod) {
        ObjectNode eviction =
                JSON.createObjectNode().put("apiVersion", "policy/v1").put("kind", "Eviction");
        eviction.putObject("metadata").put("name", pod.name()).put("namespace", pod.namespace());
        eviction.putObject("deleteOptions").putObject("preconditions").put("uid", pod.uid());
        return eviction.toString();
    }

    /** What an answer means; the code alone says little, so its causes and, for lack of better, its words are read. */
    static EvictionOutcome outcome(int code, String body) {
        JsonNode status = parse(body);
        String message = status.path("message").asText();
        return switch (code) {
            case 200, 201 -> new Evicted();
            case 404 -> new Gone();
            case 409 ->
                OTHER_POD.matcher(message).find()
                        ? new OtherPod()
                        : new Failed("the pod changed while it was asked for");
            case 429 ->
                cause(status, "DisruptionBudget")
                        .<EvictionOutcome>map(why -> new BlockedByBudget(budgetNamedIn(why), why))
                        .orElseGet(() -> new Overloaded("the API server is busy"));
            case 403 -> {
                if (cause(status, "NamespaceTerminating").isPresent()) {
                    yield new NamespaceTerminating();
                }
                yield message.contains("cannot create resource \"pods/eviction\"")
                        ? new Forbidden("may not evict: the ClusterRole needs pods/eviction: create")
                        : new RefusedByPolicy(code, message);
            }
            case 401 -> new Forbidden("the API server does not accept our credentials");
            case 400, 422 -> new RefusedByPolicy(code, message);
            case 500 ->
                REFUSED_BY_WORD.matcher(message).find()
                        ? new RefusedByPolicy(code, message)
                        : new Failed("the API server answered 500: " + message);
            default -> new Failed("the API server answered " + code);
        };
    }

    private static Optional<String> cause(JsonNode status, String reason) {
        return StreamSupport.stream(status.path("details").path("causes").spliterator(), false)
                .filter(cause -> cause.path("reason").asText().equals(reason))
                .map(cause -> cause.path("message").asText())
                .findFirst();
    }

    private static String budgetNamedIn(String message) {
        Matcher named = BUDGET_IN_MESSAGE.matcher(message);
        return named.find() ? named.group(1) : "";
    }

    private static JsonNode parse(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException notAStatus) {
            return JSON.createObjectNode();
        }
    }
}
