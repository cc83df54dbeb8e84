package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Action.PutBackInService;
import dev.glidepath.departure.action.Action.TakeOutOfService;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.Journal.Effect;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * An instance that is off while its node departs: there is nothing to drain. Where the policy allows it, the node is tainted as
 * out of service, so that its pods' objects and volumes are freed without the cluster's own wait of minutes. The taint is ours to
 * take away again.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown">Non-graceful
 *     node shutdown</a>
 */
final class InstanceOff {
    /** How long the cluster may take to see an instance off, and to free its pods and volumes. */
    private static final Duration FREEING_TAKES = Duration.ofMinutes(10);

    private final DecisionContext context;
    private final JournaledNode node;
    private final NodeHealth health;
    private final List<Cause> causes;

    InstanceOff(DecisionContext context, JournaledNode node, NodeHealth health, List<Cause> causes) {
        this.context = context;
        this.node = node;
        this.health = health;
        this.causes = causes;
    }

    /** Whether EC2 or the cloud provider says that it is off, and the node is not Ready, or its kubelet is silent. */
    boolean isOff() {
        return offSince().isPresent();
    }

    /** Since when these causes say that it is off. */
    static Optional<Instant> announcedOffSince(List<Cause> causes) {
        return causes.stream()
                .filter(cause -> cause.effect() == Effect.ENDED || cause.effect() == Effect.STOPPED)
                .map(Cause::receivedAt)
                .min(Comparator.naturalOrder());
    }

    /**
     * Taints the node, and takes the taint away when its pods and volumes are free, or were given enough time.
     *
     * @param target the journal of this departure
     * @param isFreed whether its pods and volumes are free
     * @return the ending, when there is nothing more to wait for
     */
    Optional<Ending> awaitFreed(Journal target, boolean isFreed) {
        boolean isTainted = isTainted();
        boolean isEnough = !context.now().isBefore(freedBy()) || isFreed || wasPutBackInService();
        if (!isTainted && (isEnough || !context.policy().outOfServiceTaint())) {
            return Optional.of(Ending.MACHINE_OFF);
        }
        if (isTainted && (isEnough || node.node().ready())) {
            context.pending().request(new PutBackInService(target, node.basedOn()));
        } else if (!isTainted && !node.node().ready()) {
            context.pending().request(new TakeOutOfService(target, node.basedOn()));
        }
        context.pending().request(new ListPods(1));
        context.pending().lookAgainAfter(freedBy());
        return Optional.empty();
    }

    /** How far it is, while there is something to wait for. */
    Stage stage() {
        return new Stage.OutOfService(freedBy());
    }

    private Instant freedBy() {
        return offSince().orElse(context.now()).plus(FREEING_TAKES);
    }

    private Optional<Instant> offSince() {
        Optional<Instant> announced = announcedOffSince(causes).filter(_ -> isSeenOff());
        return node.node().shutDown() ? announced.or(node.node()::notReadySince) : announced;
    }

    /** An instance that looks healthy may have started again since; one that we have tainted is looked after to the end. */
    private boolean isSeenOff() {
        return !node.node().ready() || health.isKubeletSilent() || isTainted() || wasPutBackInService();
    }

    private boolean isTainted() {
        return node.known().changed().contains(Change.OUT_OF_SERVICE);
    }

    private boolean wasPutBackInService() {
        return context.attempts().last(PutBackInService.class).isPresent();
    }
}
