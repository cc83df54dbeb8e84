package dev.glidepath.departure.execution;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.AskForNode;
import dev.glidepath.departure.action.Action.AskKubelet;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.FindVolume;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Bound;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.NotNeeded;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.drain.volume.ClaimLookup;
import dev.glidepath.drain.volume.ClaimOutcome;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.observe.Metrics;
import dev.glidepath.queue.MessageId;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;

/** Sends what is decided to the cluster, to Auto Scaling and to the queue. */
final class LiveExecutor implements ActionExecutor {
    private final InstanceId instance;
    private final Authority authority;
    private final ClaimLookup claims;
    private final NodePods nodePods;
    private final NodeActions nodeActions;
    private final PodActions podActions;
    private final HookActions hookActions;
    private final MessageActions messageActions;

    /**
     * @param view of the same departure
     */
    LiveExecutor(
            InstanceId instance,
            LiveCluster view,
            Tools tools,
            Authority authority,
            Metrics metrics,
            InstantSource clock) {
        this.instance = instance;
        this.authority = authority;
        this.claims = tools.requests().claims();
        this.nodePods = view.nodePods();
        this.nodeActions = new NodeActions(view, tools.sources().nodes(), tools.requests());
        this.podActions = new PodActions(instance, tools.requests(), authority, metrics, clock);
        this.hookActions = new HookActions(tools.aws().hooks());
        this.messageActions =
                new MessageActions(instance, tools.aws().queue(), tools.aws().owed());
    }

    @Override
    public BegunAction begin(Action action) {
        return action instanceof OnPod onPod
                ? podActions.begin(onPod)
                : BegunAction.atOnce(action, instance, () -> authority.objectionTo(action), () -> send(action));
    }

    private Outcome send(Action action) throws InterruptedException {
        return switch (action) {
            case OnJournal onJournal -> nodeActions.write(onJournal);
            case AskForNode(Instant since) -> nodeActions.askForNode(since);
            case AskKubelet _ -> nodeActions.askKubelet();
            case ListPods(int round) -> nodePods.list(round);
            case FindVolume(String namespace, String claim) -> outcome(claims.volumeOf(namespace, claim));
            case OnPod _ -> throw new IllegalStateException("it is sent when its turn at the gate has come: " + action);
            case DescribeHook(LifecycleAction hook) -> hookActions.describe(hook);
            case Heartbeat(LifecycleAction hook) -> hookActions.heartbeat(hook);
            case CompleteHook(LifecycleAction hook, HookResult result) -> hookActions.complete(hook, result);
            case DeleteMessages(Set<MessageId> messages, var _) -> messageActions.delete(messages);
            case HandBack handBack -> messageActions.handBack(handBack);
        };
    }

    private static Outcome outcome(ClaimOutcome claim) {
        return switch (claim) {
            case ClaimOutcome.Found(String volume) -> new Bound(volume);
            case ClaimOutcome.Unbound _ -> new NotNeeded("it is bound to no volume");
            case ClaimOutcome.Gone _ -> new NotNeeded("there is no such claim");
            case ClaimOutcome.Forbidden(String why) -> new Forbidden(why);
            case ClaimOutcome.Failed(String why) -> new Retry(why);
        };
    }
}
