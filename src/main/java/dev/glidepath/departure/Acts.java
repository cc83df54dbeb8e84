package dev.glidepath.departure;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.AskForNode;
import dev.glidepath.departure.action.Action.AskKubelet;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.FindVolume;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Action.PutBackInService;
import dev.glidepath.departure.action.Action.SettleJournal;
import dev.glidepath.departure.action.Action.TakeOutOfService;
import dev.glidepath.departure.action.Action.Undo;
import dev.glidepath.departure.action.Action.UpdateJournal;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Bound;
import dev.glidepath.departure.action.Outcome.Described;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.NotFound;
import dev.glidepath.departure.action.Outcome.NotNeeded;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.departure.action.Outcome.Overloaded;
import dev.glidepath.departure.action.Outcome.Refused;
import dev.glidepath.departure.action.Outcome.Renewed;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.snapshot.Claim;
import dev.glidepath.departure.snapshot.Claim.Holding;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.drain.pod.PodsOnNode;
import dev.glidepath.drain.volume.ClaimOutcome;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.GroupHook;
import dev.glidepath.lifecycle.HookLookup;
import dev.glidepath.lifecycle.HookLookup.HookTimes;
import dev.glidepath.lifecycle.HookOutcome;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.lifecycle.HookTrouble;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Reading;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.KubeletLease;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.NodeSight.Gone;
import dev.glidepath.node.NodeSight.NeverSeen;
import dev.glidepath.node.NodeSight.Present;
import dev.glidepath.node.NodeWriter;
import dev.glidepath.node.Scheduling;
import dev.glidepath.node.WriteOutcome;
import dev.glidepath.observe.Metrics;
import dev.glidepath.queue.MessageId;
import dev.glidepath.queue.QueueException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * The eyes and hands of one departure: what it sees, and how each act is carried out. One request an act; who tries again, and
 * when, is decided elsewhere.
 */
final class Acts implements World {
    private static final Logger LOG = Logger.getLogger(Acts.class);

    /** The informer will say so in a moment, and then this is decided anew. */
    private static final Outcome NOT_THERE = new Retry("the node is not there");

    private static final Duration ASKED_WITHIN = Duration.ofSeconds(30);

    private final InstanceId instance;
    private final Tools tools;
    private final Authority authority;
    private final PodLists lists;
    private final PodActs podActs;
    private final InstantSource clock;
    private final Runnable onChange;
    private final AtomicReference<Optional<Instant>> seenByAnotherAt = new AtomicReference<>(Optional.empty());
    private final AtomicReference<Optional<Watched>> pods = new AtomicReference<>(Optional.empty());
    private volatile boolean closed;
    /** Which of the instance's nodes it is about; empty before there is one. */
    private volatile Optional<NodeName> followed = Optional.empty();

    /** The pods of the node, and the room they take. */
    private record Watched(PodsOnNode pods, PodRoom.Share share) implements AutoCloseable {
        @Override
        public void close() {
            pods.close();
            share.close();
        }
    }

    /**
     * @param lists lets lists of pods be read
     * @param onChange called when the pods on the node have changed
     */
    Acts(
            InstanceId instance,
            Tools tools,
            Authority authority,
            PodLists lists,
            Metrics metrics,
            InstantSource clock,
            Runnable onChange) {
        this.instance = instance;
        this.lists = lists;
        this.tools = tools;
        this.authority = authority;
        this.podActs = new PodActs(tools, authority, metrics, clock);
        this.clock = clock;
        this.onChange = onChange;
    }

    @Override
    public List<KubeNode> nodes() {
        return tools.nodes().of(instance);
    }

    @Override
    public void follow(NodeName name) {
        followed = Optional.of(name);
    }

    @Override
    public NodeSight node() {
        NodeSight seen = tools.nodes().sight(instance, followed);
        return seen instanceof NeverSeen(Instant askedAt, var _) ? new NeverSeen(askedAt, seenByAnotherAt()) : seen;
    }

    private Optional<Instant> seenByAnotherAt() {
        return tools.replicas().owes(instance)
                ? seenByAnotherAt.updateAndGet(before -> before.or(() -> Optional.of(clock.instant())))
                : Optional.empty();
    }

    @Override
    public Claim claim(NodeSight node) {
        String us = tools.replica().id().holder();
        Holding holding =
                node instanceof Present(KubeNode present) ? holding(present.reading(), us) : new Holding.Nobody();
        return new Claim(us, tools.replica().mayActUntil(), holding);
    }

    /** Who holds a journal of a later version is left alone only if it is of our release: another may never hear what we hear. */
    private Holding holding(Reading reading, String us) {
        return switch (reading) {
            case Reading.None _, Reading.Broken _ -> new Holding.Nobody();
            case Reading.Read(Journal journal) ->
                journal.holder().map(holder -> holding(holder, us)).orElseGet(Holding.Nobody::new);
            case Reading.Newer(int version, Optional<String> holder) -> {
                Instant readersGone = tools.replicas().freeOfReadersAt(version);
                yield holder.map(named -> holding(named, us))
                        .filter(Holding.Other.class::isInstance)
                        .map(Holding.Other.class::cast)
                        .map(other -> new Holding.Other(
                                other.holder(),
                                other.ofOtherRelease() ? readersGone : later(other.freeAt(), readersGone),
                                other.ofOtherRelease()))
                        .orElseGet(() -> new Holding.Other("a replica of a later version", readersGone));
            }
        };
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private Holding holding(String holder, String us) {
        return holder.equals(us)
                ? new Holding.Us()
                : new Holding.Other(
                        holder,
                        tools.replicas().freeAt(holder),
                        tools.replicas().isOfOtherRelease(holder));
    }

    @Override
    public PodSight pods() {
        PodSight seen = pods.get().map(Watched::pods).map(PodsOnNode::sight).orElseGet(PodSight.NotListed::new);
        return switch (seen) {
            case PodSight.NotListed none -> none;
            case Listed(List<Pod> there, List<Pod> gone, var listedAt) ->
                new Listed(there.stream().map(tools.namespaces()::wished).toList(), gone, listedAt);
        };
    }

    @Override
    public List<Budget> budgets(PodSight pods) {
        return pods instanceof Listed(List<Pod> there, var _, var _)
                ? there.stream()
                        .map(pod -> pod.ref().namespace())
                        .distinct()
                        .flatMap(namespace -> tools.budgets().in(namespace).stream())
                        .map(budget -> budget.reserving(tools.gate().reserved(budget.id())))
                        .toList()
                : List.of();
    }

    @Override
    public Set<String> attached() {
        return nodeName()
                .map(name -> tools.attachments().attachedTo(name.value()))
                .orElse(Set.of());
    }

    @Override
    public Optional<NodeName> nodeName() {
        return switch (node()) {
            case Present(KubeNode present) -> Optional.of(present.name());
            case Gone(NodeName name, var _, var _) -> Optional.of(name);
            case NeverSeen _ -> Optional.empty();
        };
    }

    @Override
    public Set<ActionNotice> announced(Set<LifecycleAction> actions) {
        return actions.stream()
                .flatMap(action -> Stream.concat(
                        tools.tokens().noticeOf(action).stream(), tools.tokens().directOf(action.group()).stream()))
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public Begun begin(Action act) {
        return act instanceof OnPod onPod
                ? podActs.begin(onPod)
                : Begun.atOnce(() -> authority.objectionTo(act), () -> carryOut(act));
    }

    @Override
    public Outcome carryOut(Action act, Begun begun) {
        try {
            return begun.carryOut();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return new Retry("interrupted");
        } catch (RuntimeException | Error unforeseen) { // whatever it is, the departure must hear of it
            LOG.errorf(unforeseen, "%s for %s met something unforeseen", act.label(), instance);
            return new Retry("unforeseen: " + unforeseen);
        }
    }

    @Override
    public void rest() {
        pods.getAndSet(Optional.empty()).ifPresent(Watched::close);
    }

    @Override
    public void close() {
        closed = true;
        rest();
    }

    private Outcome carryOut(Action act) throws InterruptedException {
        return switch (act) {
            case OnJournal onJournal -> write(onJournal);
            case AskForNode(Instant since) -> askForNode(since);
            case AskKubelet _ -> askKubelet();
            case ListPods list -> listPods(list);
            case FindVolume(String namespace, String claim) ->
                outcome(tools.claims().volumeOf(namespace, claim));
            case OnPod _ -> throw new IllegalStateException("it is carried out where it has its place: " + act);
            case DescribeHook(LifecycleAction action) -> describe(action);
            case Heartbeat(LifecycleAction action) -> outcome(tools.hooks().heartbeat(action));
            case CompleteHook(LifecycleAction action, HookResult result) ->
                outcome(tools.hooks().complete(action, result));
            case DeleteMessages(Set<MessageId> messages, var _) -> delete(messages);
            case HandBack handBack -> handBack(handBack);
        };
    }

    /** Only if the journal is still the one that was decided on. */
    private Outcome write(OnJournal act) throws InterruptedException {
        if (!(node() instanceof Present(KubeNode node))) {
            return NOT_THERE;
        }
        if (!node.journalText().equals(act.basedOn())) {
            return new Retry("the journal has changed since");
        }
        NodeWriter writer = tools.nodeWriter();
        return outcome(
                switch (act) {
                    case Cordon(Journal journal, var _, Kind kind, Scheduling scheduling) ->
                        writer.depart(node, journal, kind.label(), scheduling);
                    case UpdateJournal(Journal journal, var _) -> writer.journal(node, journal);
                    case SettleJournal(Journal journal, var _, var _, var _) -> writer.journal(node, journal);
                    case Undo(Journal journal, var _, var _) -> writer.undo(node, journal);
                    case TakeOutOfService(Journal journal, var _) -> writer.outOfService(node, journal);
                    case PutBackInService(Journal journal, var _) -> writer.backInService(node, journal);
                });
    }

    private Outcome askForNode(Instant since) throws InterruptedException {
        return tools.nodes().awaitAskedSince(since, ASKED_WITHIN)
                ? new Succeeded()
                : new Retry("the API server has not told yet which nodes there are");
    }

    private Outcome askKubelet() throws InterruptedException {
        if (!(node() instanceof Present(KubeNode node))) {
            return NOT_THERE;
        }
        return switch (tools.kubelets().renewedAt(node.name())) {
            case KubeletLease.Renewed(Instant at) -> new Renewed(at);
            case KubeletLease.NoLease _ -> new NotNeeded("its kubelet has no Lease");
            case KubeletLease.Denied(String why) -> new Forbidden(why);
            case KubeletLease.Failed(String why) -> new Retry(why);
        };
    }

    private Outcome listPods(ListPods act) throws InterruptedException {
        if (!(node() instanceof Present)) {
            return NOT_THERE;
        }
        Optional<Watched> watched = watched();
        if (watched.isEmpty()) {
            return new NotSent("there is nothing to list them for any more");
        }
        lists.begin(act.round());
        try {
            return authority.hasEnded() ? new NotSent("the program stops") : list(watched.get());
        } catch (ApiServer.Refused refused) {
            String why = String.valueOf(refused.getMessage());
            if (refused.isDenied()) {
                return new Forbidden("may not list pods: the ClusterRole needs pods: list, watch");
            }
            return refused.isBusy() ? new Overloaded(why, refused.retryAfter()) : new Retry(why);
        } catch (IOException failed) {
            return new Retry(String.valueOf(failed.getMessage()));
        } finally {
            lists.end();
            if (watched.get().pods().sight() instanceof PodSight.NotListed) {
                rest(); // others may use the room meanwhile
            }
        }
    }

    /** The pods that are watched; where none are, as soon as there is room for them. Nothing when the departure is over. */
    private Optional<Watched> watched() throws InterruptedException {
        boolean isTold = false;
        while (pods.get().isEmpty() && !closed && !authority.hasEnded() && node() instanceof Present(KubeNode node)) {
            Optional<PodRoom.Share> share = lists.room(goneAt(node));
            share.ifPresent(taken -> watch(node.name(), taken));
            if (share.isEmpty() && !isTold) {
                LOG.infof("the pods of %s are listed as soon as there is memory for them", node.name());
                isTold = true;
            }
        }
        return pods.get();
    }

    private static Instant goneAt(KubeNode node) {
        return node.journal().flatMap(Journal::term).map(Journal.Term::deadline).orElse(Instant.MAX);
    }

    private void watch(NodeName name, PodRoom.Share share) {
        Watched begun = new Watched(new PodsOnNode(tools.watcher(), name.value(), onChange), share);
        Optional<Watched> kept = pods.updateAndGet(before -> before.or(() -> Optional.of(begun)));
        if (kept.filter(begun::equals).isEmpty()) {
            begun.close();
        }
    }

    private Outcome list(Watched watched) throws IOException, InterruptedException {
        if (closed) {
            rest(); // or nobody would ever close what was opened just now
            return new NotSent("the departure is over");
        }
        watched.pods().list();
        if (watched.pods().sight() instanceof Listed(List<Pod> there, List<Pod> gone, var _)) {
            watched.share().holds(there.size() + gone.size());
        }
        return pods.get().filter(watched::equals).isPresent()
                ? new Succeeded()
                : new Retry("nobody looks at these pods any more");
    }

    private Outcome describe(LifecycleAction action) {
        return switch (tools.hooks().describe(action)) {
            case HookLookup.Found(HookTimes times, List<GroupHook> group) ->
                new Described(times.heartbeatTimeout(), times.globalTimeout(), group);
            case HookLookup.NoSuchHook _ -> new NotFound("Auto Scaling knows no such hook");
            case HookTrouble trouble -> outcome(trouble);
        };
    }

    private Outcome delete(Set<MessageId> messages) {
        Set<MessageId> free = tools.owed().pay(messages, instance);
        try {
            Set<MessageId> left = tools.queue().delete(free);
            tools.owed().forget(free.stream().filter(id -> !left.contains(id)).toList());
            return left.isEmpty() ? new Succeeded() : new Retry(left.size() + " messages were not deleted");
        } catch (QueueException failed) {
            String why = String.valueOf(failed.getMessage());
            return failed.category().needsPerson() ? new Forbidden(why) : new Retry(why);
        }
    }

    /** Whoever receives them next owes them anew. What SQS does not hear of is visible again by itself before long. */
    private Outcome handBack(HandBack act) {
        tools.owed().giveUp(act.deliveries());
        if (act.atOnce()) {
            tools.queue().release(act.deliveries());
        } else {
            tools.queue().leave(act.deliveries());
        }
        return new Succeeded();
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

    private static Outcome outcome(WriteOutcome written) {
        return switch (written) {
            case WriteOutcome.Written _ -> new Succeeded();
            case WriteOutcome.Conflict _ -> new Retry("somebody wrote to the node in between");
            case WriteOutcome.NodeGone _ -> NOT_THERE;
            case WriteOutcome.RefusedByPolicy(String why) -> new Refused(why);
            case WriteOutcome.Invalid(String why) -> new Refused(why);
            case WriteOutcome.Denied(String why) -> new Forbidden(why);
            case WriteOutcome.Overloaded(String why, Duration retryAfter) -> new Overloaded(why, retryAfter);
            case WriteOutcome.Failed(String why) -> new Retry(why);
        };
    }

    private static Outcome outcome(HookOutcome hook) {
        return switch (hook) {
            case HookOutcome.Done _ -> new Succeeded();
            case HookOutcome.NoActiveAction _ -> new NotFound("Auto Scaling knows no such action");
            case HookTrouble trouble -> outcome(trouble);
        };
    }

    private static Outcome outcome(HookTrouble trouble) {
        return switch (trouble) {
            case HookTrouble.Throttled _ -> new Retry("Auto Scaling throttles");
            case HookTrouble.Denied(String why) -> new Forbidden(why);
            case HookTrouble.Failed(String why) -> new Retry(why);
        };
    }
}
