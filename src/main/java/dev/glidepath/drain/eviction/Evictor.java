package dev.glidepath.drain.eviction;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.ServerStatus;
import dev.glidepath.drain.eviction.EvictionOutcome.BlockedByBudget;
import dev.glidepath.drain.eviction.EvictionOutcome.BudgetBroken;
import dev.glidepath.drain.eviction.EvictionOutcome.BudgetStale;
import dev.glidepath.drain.eviction.EvictionOutcome.Evicted;
import dev.glidepath.drain.eviction.EvictionOutcome.Failed;
import dev.glidepath.drain.eviction.EvictionOutcome.Forbidden;
import dev.glidepath.drain.eviction.EvictionOutcome.Gone;
import dev.glidepath.drain.eviction.EvictionOutcome.NamespaceTerminating;
import dev.glidepath.drain.eviction.EvictionOutcome.OtherPod;
import dev.glidepath.drain.eviction.EvictionOutcome.Overloaded;
import dev.glidepath.drain.eviction.EvictionOutcome.RefusedByPolicy;
import dev.glidepath.drain.eviction.EvictionOutcome.SeveralBudgets;
import dev.glidepath.drain.eviction.EvictionOutcome.TimedOut;
import dev.glidepath.drain.pod.PodRef;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks the API server to evict a pod: one request a call, the pod's UID as precondition, no retry of its own. The
 * gate says when.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/">API-initiated eviction</a>
 */
public final class Evictor {
    private static final Pattern BUDGET_IN_MESSAGE = Pattern.compile("The disruption budget (\\S+) ");

    /** A bare 500 without a reason: these words are all there is to tell it by. */
    private static final String SEVERAL_BUDGETS = "more than one PodDisruptionBudget";

    /** Each eviction has a thread of its own: buffers that are kept by thread would be made anew for each. */
    private static final JsonMapper JSON = new JsonMapper(JsonFactory.builder()
            .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool())
            .build());

    private final ApiServer apiServer;

    public Evictor(ApiServer apiServer) {
        this.apiServer = apiServer;
    }

    /** The same, with less patience, for an answer that is worth nothing later. */
    public Evictor within(Duration most) {
        return new Evictor(apiServer.within(most));
    }

    /**
     * Asks once.
     *
     * @param grace instead of the pod's own; rounded up to whole seconds
     * @param version the resourceVersion that the pod must still have; empty where any will do
     * @throws InterruptedException when the program ends meanwhile
     */
    public EvictionOutcome evict(PodRef pod, Optional<Duration> grace, Optional<String> version)
            throws InterruptedException {
        try {
            return outcome(apiServer.post(PodPath.of(pod) + "/eviction", eviction(pod, grace, version)));
        } catch (ApiServer.TimedOut slow) {
            return new TimedOut(String.valueOf(slow.getMessage()));
        } catch (IOException noAnswer) {
            return new Failed(String.valueOf(noAnswer.getMessage()));
        }
    }

    private static String eviction(PodRef pod, Optional<Duration> grace, Optional<String> version)
            throws JsonProcessingException {
        ObjectNode eviction =
                JSON.createObjectNode().put("apiVersion", "policy/v1").put("kind", "Eviction");
        // Some webhooks read the namespace here rather than in the request.
        eviction.putObject("metadata").put("name", pod.name()).put("namespace", pod.namespace());
        eviction.set("deleteOptions", DeleteOptions.of(pod, grace, version));
        return JSON.writeValueAsString(eviction);
    }

    /** What an answer means; the code alone says little, so its causes and, for lack of better, its words are read. */
    static EvictionOutcome outcome(ApiServer.Answer answer) {
        if (answer.code() == 200 || answer.code() == 201) {
            return new Evicted();
        }
        ServerStatus status = ServerStatus.of(answer);
        Optional<String> budget = status.cause("DisruptionBudget");
        if (status.code() == 429 && budget.isPresent()) {
            return refusedByBudget(budget.get(), status.saysWhenToRetry());
        }
        if (status.isRefusedByPolicy()) {
            return new RefusedByPolicy(status.code(), status.message());
        }
        if (status.isTimeout()) {
            return new TimedOut(status.inWords());
        }
        return switch (status.code()) {
            case 404 -> new Gone();
            case 409 -> conflict(status);
            case 429 -> new Overloaded("the API server is busy", status.retryAfter());
            case 401 -> new Forbidden("the API server does not accept our credentials");
            case 403 -> forbidden(status);
            case 500 ->
                status.message().contains(SEVERAL_BUDGETS)
                        ? new SeveralBudgets(status.message())
                        : new Failed(status.inWords());
            default -> new Failed(status.inWords());
        };
    }

    private static EvictionOutcome refusedByBudget(String why, boolean saysWhenToRetry) {
        Matcher named = BUDGET_IN_MESSAGE.matcher(why);
        String budget = named.find() ? named.group(1) : "";
        return saysWhenToRetry ? new BudgetStale(budget, why) : new BlockedByBudget(budget, why);
    }

    private static EvictionOutcome conflict(ServerStatus status) {
        if (status.isOverUid()) {
            return new OtherPod();
        }
        return status.isOfBudget() // others wrote to it so often that the server gave up, after ten seconds and more
                ? new TimedOut(status.inWords())
                : new Failed("the pod changed while it was asked for");
    }

    private static EvictionOutcome forbidden(ServerStatus status) {
        if (status.cause("NamespaceTerminating").isPresent()) {
            return new NamespaceTerminating();
        }
        if (status.isOfBudget()) {
            return new BudgetBroken(status.message());
        }
        return status.lacksRight("create", "pods/eviction")
                ? new Forbidden("may not evict: the ClusterRole needs pods/eviction: create")
                : new RefusedByPolicy(status.code(), status.message());
    }
}
