package dev.glidepath.departure;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.departure.decision.Act;
import dev.glidepath.departure.decision.Act.CompleteHook;
import dev.glidepath.departure.decision.Act.Cordon;
import dev.glidepath.departure.decision.Act.DeleteMessages;
import dev.glidepath.departure.decision.Act.DescribeHook;
import dev.glidepath.departure.decision.Act.Evict;
import dev.glidepath.departure.decision.Act.Heartbeat;
import dev.glidepath.departure.decision.Act.ListPods;
import dev.glidepath.departure.decision.Act.SettleJournal;
import dev.glidepath.departure.decision.Outcome;
import dev.glidepath.departure.decision.Outcome.Blocked;
import dev.glidepath.departure.decision.Outcome.Denied;
import dev.glidepath.departure.decision.Outcome.Described;
import dev.glidepath.departure.decision.Outcome.Landed;
import dev.glidepath.departure.decision.Outcome.Moot;
import dev.glidepath.departure.decision.Outcome.TryAgain;
import dev.glidepath.drain.eviction.EvictionOutcome;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.drain.pod.PodsOnNode;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.HookLookup;
import dev.glidepath.lifecycle.HookOutcome;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.lifecycle.HookTrouble;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.NodeSight.Present;
import dev.glidepath.node.WriteOutcome;
import dev.glidepath.queue.MessageId;
import dev.glidepath.queue.QueueException;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/**
 * The eyes and hands of one departure: what it sees, and how each act is carried out. One request an act; who tries again, and
 * when, is decided elsewhere.
 */
final class Acts implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Acts.class);

    /** The informer will say so in a moment, and then this is decided anew. */
    private static final Outcome NOT_THERE = new TryAgain("the node is not there");

    private final InstanceId instance;
    private final Tools tools;
    private final InstantSource clock;
    private final Runnable onChange;
    private final AtomicReference<Optional<PodsOnNode>> pods = new AtomicReference<>(Optional.empty());

    /**
     * @param onChange called when the pods on the node have changed
     */
    Acts(InstanceId instance, Tools tools, InstantSource clock, Runnable onChange) {
        this.instance = instance;
        this.tools = tools;
        this.clock = clock;
        this.onChange = onChange;
    }

    NodeSight node() {
        return tools.nodes().sight(instance);
    }

    PodSight pods() {
        return pods.get().map(PodsOnNode::sight).orElseGet(PodSight.NotListed::new);
    }

    /** Carries an act out, on the calling thread. Always comes back with an outcome, within the act's own time-out. */
    Outcome carryOut(Act act) {
        try {
            return switch (act) {
                case Cordon cordon -> cordon(cordon);
                case ListPods _ -> listPods();
                case Evict(PodRef pod) -> evict(pod);
                case DescribeHook(LifecycleAction action) -> describe(action);
                case Heartbeat(LifecycleAction action) -> outcome(tools.hooks().heartbeat(action));
                case CompleteHook(LifecycleAction action) ->
                    outcome(tools.hooks().complete(action, HookResult.CONTINUE));
                case SettleJournal(Set<InterruptionId> interruptions) -> settle(interruptions);
                case DeleteMessages(Set<MessageId> messages) -> delete(messages);
            };
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return new TryAgain("interrupted");
        } catch (RuntimeException unforeseen) {
            LOG.errorf(unforeseen, "%s for %s met something unforeseen", act.label(), instance);
            return new TryAgain("unforeseen: " + unforeseen);
        }
    }

    @Override
    public void close() {
        pods.get().ifPresent(PodsOnNode::close);
    }

    private Outcome cordon(Cordon cordon) throws InterruptedException {
        if (!(node() instanceof Present(KubeNode node))) {
            return NOT_THERE;
        }
        return node.journalText().equals(cordon.basedOn())
                ? outcome(tools.nodeWriter().depart(node, cordon.journal(), cordon.kind()))
                : new TryAgain("the node's journal has changed");
    }

    private Outcome listPods() throws InterruptedException {
        if (!(node() instanceof Present(KubeNode node))) {
            return NOT_THERE;
        }
        Optional<PodsOnNode> watched = pods.updateAndGet(before -> before.or(
                () -> Optional.of(new PodsOnNode(tools.apiServer(), node.name().value(), clock, onChange))));
        try {
            watched.orElseThrow().list();
            return new Landed();
        } catch (ApiServer.Refused refused) {
            return refused.isDenied()
                    ? new Denied("may not list pods: the ClusterRole needs pods: list, watch")
                    : new TryAgain(String.valueOf(refused.getMessage()));
        } catch (IOException failed) {
            return new TryAgain(String.valueOf(failed.getMessage()));
        }
    }

    private Outcome evict(PodRef pod) throws InterruptedException {
        return switch (tools.evictor().evict(pod, Optional.empty())) {
            case EvictionOutcome.Evicted _ -> new Landed();
            case EvictionOutcome.Gone _, EvictionOutcome.OtherPod _ -> new Moot("the pod is gone");
            case EvictionOutcome.NamespaceTerminating _ ->
                new Moot("its namespace is being deleted, and the pod with it");
            case EvictionOutcome.BlockedByBudget(String budget, String why) -> new Blocked(budget, why);
            case EvictionOutcome.BudgetStale(String budget, String why) -> new Blocked(budget, why);
            case EvictionOutcome.BudgetBroken(String why) -> new TryAgain(why);
            case EvictionOutcome.Overloaded(String why) -> new TryAgain(why);
            case EvictionOutcome.SeveralBudgets(String why) -> new TryAgain(why);
            case EvictionOutcome.RefusedByPolicy(int status, String why) ->
                new TryAgain("refused with " + status + ": " + why);
            case EvictionOutcome.Forbidden(String why) -> new Denied(why);
            case EvictionOutcome.TimedOut(String why) -> new TryAgain(why);
            case EvictionOutcome.Failed(String why) -> new TryAgain(why);
        };
    }

    private Outcome describe(LifecycleAction action) {
        return switch (tools.hooks().describe(action)) {
            case HookLookup.Found found ->
                new Described(found.times().heartbeatTimeout(), found.times().globalTimeout());
            case HookLookup.NoSuchHook _ -> new Moot("there is no such hook");
            case HookTrouble trouble -> outcome(trouble);
        };
    }

    private Outcome settle(Set<InterruptionId> interruptions) throws InterruptedException {
        if (!(node() instanceof Present(KubeNode node))) {
            return NOT_THERE;
        }
        Optional<Journal> journal = node.journal();
        if (journal.filter(seen -> interruptions.stream().anyMatch(seen::isLive))
                .isEmpty()) {
            return new TryAgain("what we journaled is not seen yet");
        }
        return outcome(tools.nodeWriter().journal(node, journal.get().settle(interruptions)));
    }

    private Outcome delete(Set<MessageId> messages) {
        try {
            Set<MessageId> left = tools.queue().delete(messages);
            return left.isEmpty() ? new Landed() : new TryAgain(left.size() + " messages were not deleted");
        } catch (QueueException failed) {
            String why = String.valueOf(failed.getMessage());
            return failed.category().needsPerson() ? new Denied(why) : new TryAgain(why);
        }
    }

    private static Outcome outcome(WriteOutcome written) {
        return switch (written) {
            case WriteOutcome.Written _ -> new Landed();
            case WriteOutcome.Conflict _ -> new TryAgain("somebody wrote to the node in between");
            case WriteOutcome.NodeGone _ -> NOT_THERE;
            case WriteOutcome.Denied(String why) -> new Denied(why);
            case WriteOutcome.Failed(String why) -> new TryAgain(why);
        };
    }

    private static Outcome outcome(HookOutcome hook) {
        return switch (hook) {
            case HookOutcome.Done _ -> new Landed();
            case HookOutcome.NoActiveAction _ -> new Moot("Auto Scaling knows no such action any more");
            case HookTrouble trouble -> outcome(trouble);
        };
    }

    private static Outcome outcome(HookTrouble trouble) {
        return switch (trouble) {
            case HookTrouble.Throttled _ -> new TryAgain("Auto Scaling throttles");
            case HookTrouble.Denied(String why) -> new Denied(why);
            case HookTrouble.Failed(String why) -> new TryAgain(why);
        };
    }
}
