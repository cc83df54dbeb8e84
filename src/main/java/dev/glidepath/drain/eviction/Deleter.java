package dev.glidepath.drain.eviction;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.ServerStatus;
import dev.glidepath.drain.eviction.DeletionOutcome.Deleted;
import dev.glidepath.drain.eviction.MarkOutcome.Marked;
import dev.glidepath.drain.eviction.MarkOutcome.NotMarked;
import dev.glidepath.drain.pod.PodRef;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Deletes a pod past its budgets, when waiting longer would cost it its grace. One request a call, for the pod of that UID
 * alone, and none tried again.
 */
public final class Deleter {
    /** Who deletes, as the pod's condition tells it. */
    private static final String REASON = "DeletionByGlidepath";

    private static final JsonMapper JSON = new JsonMapper();

    private final ApiServer apiServer;
    private final InstantSource clock;

    public Deleter(ApiServer apiServer, InstantSource clock) {
        this.apiServer = apiServer;
        this.clock = clock;
    }

    /** The same, with less patience, for an answer that is worth nothing later. */
    public Deleter within(Duration most) {
        return new Deleter(apiServer.within(most), clock);
    }

    /**
     * Deletes it.
     *
     * @param grace instead of the pod's own; rounded up to whole seconds
     * @throws InterruptedException when the program ends meanwhile
     */
    public DeletionOutcome delete(PodRef pod, Optional<Duration> grace) throws InterruptedException {
        try {
            return deletion(apiServer.delete(
                    PodPath.of(pod),
                    DeleteOptions.of(pod, grace, Optional.empty()).toString()));
        } catch (ApiServer.TimedOut slow) {
            return new DeletionOutcome.TimedOut(String.valueOf(slow.getMessage()));
        } catch (IOException noAnswer) {
            return new DeletionOutcome.Failed(String.valueOf(noAnswer.getMessage()));
        }
    }

    /**
     * Says on the pod that its end is a disruption, as an eviction does by itself. Without it a Job that ignores disruptions
     * counts the deletion as a failure.
     *
     * @throws InterruptedException when the program ends meanwhile
     * @see <a href="https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy">Pod failure policy</a>
     */
    public MarkOutcome markDisrupted(PodRef pod) throws InterruptedException {
        try {
            return mark(apiServer.strategicMergePatch(PodPath.of(pod) + "/status", disruptionTarget(pod)));
        } catch (IOException noAnswer) {
            return new NotMarked(String.valueOf(noAnswer.getMessage()));
        }
    }

    private String disruptionTarget(PodRef pod) {
        ObjectNode patch = JSON.createObjectNode();
        patch.putObject("metadata").put("uid", pod.uid()); // never changes, so the patch of a namesake is refused
        patch.putObject("status")
                .putArray("conditions")
                .addObject()
                .put("type", "DisruptionTarget")
                .put("status", "True")
                .put("reason", REASON)
                .put("message", "Glidepath: its machine goes away, and its budget had no room in time")
                .put(
                        "lastTransitionTime",
                        clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        return patch.toString();
    }

    static DeletionOutcome deletion(ApiServer.Answer answer) {
        ServerStatus status = ServerStatus.of(answer);
        if (status.isRefusedByPolicy()) {
            return new DeletionOutcome.RefusedByPolicy(status.code(), status.message());
        }
        if (status.isTimeout()) {
            return new DeletionOutcome.TimedOut(status.inWords());
        }
        return switch (status.code()) {
            case 200, 202 -> new Deleted();
            case 404 -> new DeletionOutcome.Gone();
            case 409 ->
                status.isOverUid()
                        ? new DeletionOutcome.Gone()
                        : new DeletionOutcome.Failed("the pod changed while it was deleted");
            case 429 -> new DeletionOutcome.Overloaded("the API server is busy", status.retryAfter());
            case 401 -> new DeletionOutcome.Forbidden("the API server does not accept our credentials");
            case 403 ->
                status.lacksRight("delete", "pods")
                        ? new DeletionOutcome.Forbidden("may not delete: the ClusterRole needs pods: delete")
                        : new DeletionOutcome.RefusedByPolicy(status.code(), status.message());
            default -> new DeletionOutcome.Failed(status.inWords());
        };
    }

    static MarkOutcome mark(ApiServer.Answer answer) {
        ServerStatus status = ServerStatus.of(answer);
        return switch (status.code()) {
            case 200 -> new Marked();
            case 404 -> new MarkOutcome.Gone();
            case 422 -> status.isOverUid() ? new MarkOutcome.Gone() : new NotMarked(status.inWords());
            case 403 ->
                new NotMarked(
                        status.lacksRight("patch", "pods/status")
                                ? "may not mark: the ClusterRole needs pods/status: patch"
                                : status.inWords());
            default -> new NotMarked(status.inWords());
        };
    }
}
