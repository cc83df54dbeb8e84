package dev.glidepath.departure.snapshot;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.HeldEviction;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Described;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.departure.action.Outcome.Renewed;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.action.Stage.AwaitingHook;
import dev.glidepath.departure.snapshot.Attempt.State.Done;
import dev.glidepath.departure.snapshot.Attempt.State.InFlight;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.LifecycleAction;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What was tried in a departure, and what came of it. Empty after a restart, and nothing depends on it being full. */
public final class Attempts {
    private static final Attempts NONE =
            new Attempts(Map.of(), new SeenJournal("", Instant.MIN), Optional.empty(), Optional.empty());

    private final Map<Action.Key, Attempt> byKey;
    private final SeenJournal journal;

    /** What the departure has come to, where nothing but a hook is waited for. */
    private final Optional<AwaitingHook> concluded;

    private final Optional<LeaseLooks> kubelet;

    /** The journal's text as it was seen last, and since when it reads so. */
    private record SeenJournal(String text, Instant since) {}

    private Attempts(
            Map<Action.Key, Attempt> byKey,
            SeenJournal journal,
            Optional<AwaitingHook> concluded,
            Optional<LeaseLooks> kubelet) {
        this.byKey = byKey;
        this.journal = journal;
        this.concluded = concluded;
        this.kubelet = kubelet;
    }

    /** Nothing was tried. */
    public static Attempts none() {
        return NONE;
    }

    /**
     * The same, now that the node's journal is seen to read so. Where it reads again as it did before, what we wrote over it then
     * is history: there was another write since, and it may be another's now.
     */
    public Attempts seen(String text, Instant now) {
        if (text.equals(journal.text())) {
            return this;
        }
        SeenJournal seen = new SeenJournal(text, now);
        Action.Key ourWrite = Action.OnJournal.keyOf(text);
        Attempt before = byKey.get(ourWrite);
        boolean isHistory = before != null && !(before.state() instanceof InFlight);
        return new Attempts(isHistory ? without(ourWrite) : byKey, seen, concluded, kubelet);
    }

    /** The same, with what was tried for the instance by the departure of another of its nodes. */
    public Attempts sharing(Attempts other) {
        return with(
                other.byKey.values().stream().filter(attempt -> attempt.action().isOfInstance()));
    }

    /** The same, with these actions under way. */
    public Attempts started(Collection<Action> acts, Instant now) {
        return acts.isEmpty() ? this : with(acts.stream().map(act -> started(act, now)));
    }

    private Attempt started(Action act, Instant now) {
        return of(act).map(before -> before.started(act, now)).orElseGet(() -> Attempt.first(act, now));
    }

    /**
     * The same, with evictions that wait for their budgets though they were not requested yet; of those that were refused it is
     * remembered which budgets hold them back by now.
     */
    public Attempts heldBack(Collection<HeldEviction> held, Instant now) {
        List<Attempt> fresh = held.stream()
                .filter(each -> !waitsForItsBudgets(each))
                .map(each -> of(each.evict())
                        .map(before -> before.heldBackBy(each, now))
                        .orElseGet(() -> Attempt.heldBack(each, now)))
                .toList();
        return fresh.isEmpty() ? this : with(fresh.stream());
    }

    private boolean waitsForItsBudgets(HeldEviction held) {
        return of(held.evict())
                .filter(before -> before.isBlocked()
                        && before.action() instanceof Action.Evict evict
                        && evict.terms().budgets().equals(held.evict().terms().budgets()))
                .isPresent();
    }

    /**
     * The same, with the outcome of this action.
     *
     * @param random spreads what is retried, so that what failed together does not come back together
     */
    public Attempts ended(Action act, Outcome outcome, Instant now, RandomGenerator random) {
        if (outcome instanceof NotSent) {
            return notSent(act, outcome, now);
        }
        Attempt before = of(act).orElseGet(() -> Attempt.first(act, now));
        return with(Stream.of(before.ended(act, outcome, now, random))).lookedAtKubelet(outcome, now);
    }

    private Attempts lookedAtKubelet(Outcome outcome, Instant now) {
        return outcome instanceof Renewed(Instant at)
                ? new Attempts(
                        byKey,
                        journal,
                        concluded,
                        Optional.of(
                                kubelet.map(looks -> looks.then(at, now)).orElseGet(() -> LeaseLooks.first(at, now))))
                : this;
    }

    /** As if it had not been started: it may be at once, if it is wanted again. */
    private Attempts notSent(Action act, Outcome outcome, Instant now) {
        Optional<Attempt> before = of(act);
        if (before.isEmpty()) {
            return this;
        }
        return before.get()
                .notSent(act, outcome, now)
                .map(waiting -> with(Stream.of(waiting)))
                .orElseGet(() -> new Attempts(without(act.key()), journal, concluded, kubelet));
    }

    /** The same, as far as it is of use after this decision. What was done about the node and its pods is of none at rest. */
    public Attempts after(Decision decision) {
        Stage stage = decision.stage();
        if (!stage.isResting()) {
            return this;
        }
        return new Attempts(
                byKey.entrySet().stream()
                        .filter(entry -> entry.getValue().isOfUseAtRest())
                        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue)),
                journal,
                stage instanceof AwaitingHook waits ? Optional.of(waits) : Optional.empty(),
                kubelet);
    }

    /** How far this action has come; empty if it was never started, nor held back. */
    public Optional<Attempt> of(Action act) {
        return Optional.ofNullable(byKey.get(act.key()));
    }

    /** How far this has come with this pod. */
    public Optional<Attempt> of(Class<? extends OnPod> kind, PodRef pod) {
        return Optional.ofNullable(byKey.get(new Action.Key(kind, pod)));
    }

    /** When this action was done, and with which outcome; empty while it is not. */
    public Optional<Done> done(Action act) {
        Attempt attempt = byKey.get(act.key());
        return attempt != null && attempt.state() instanceof Done done ? Optional.of(done) : Optional.empty();
    }

    public boolean isDone(Action act) {
        return done(act).isPresent();
    }

    /** All attempts at actions of one sort that were done by us: those that turned out not to be needed are not among them. */
    public <A extends Action> Stream<Attempt> succeeded(Class<A> sort) {
        return tried(sort).filter(attempt -> attempt.state() instanceof Done(var _, Succeeded _));
    }

    /** All attempts at actions of one sort. */
    public <A extends Action> Stream<Attempt> tried(Class<A> sort) {
        return byKey.values().stream().filter(attempt -> sort.isInstance(attempt.action()));
    }

    /** Whether an action of this sort has yet to be answered. */
    public boolean isUnderWay(Class<? extends Action> sort) {
        return tried(sort).anyMatch(attempt -> attempt.state() instanceof InFlight);
    }

    /** The action of one sort that was done last by us. */
    public <A extends Action> Optional<A> last(Class<A> sort) {
        return succeeded(sort)
                .max(Comparator.comparing(Attempt::since))
                .map(Attempt::action)
                .map(sort::cast);
    }

    /** How long a hook holds its instance, and the hooks of its group; empty while it is not described. */
    public Optional<Described> timesOf(LifecycleAction action) {
        return done(new Action.DescribeHook(action))
                .map(Done::outcome)
                .filter(Described.class::isInstance)
                .map(Described.class::cast);
    }

    /** What was written over this journal's text and is not seen yet, if anything. */
    public Optional<Action.OnJournal> writtenOver(String basedOn) {
        return writingOver(basedOn).map(Attempt::action).map(Action.OnJournal.class::cast);
    }

    /** Since when the journal has read as it does: as it was seen last, or as we wrote it over that. */
    public Instant journalSince() {
        return writingOver(journal.text()).map(Attempt::since).orElse(journal.since());
    }

    private Optional<Attempt> writingOver(String basedOn) {
        return Optional.ofNullable(byKey.get(Action.OnJournal.keyOf(basedOn)))
                .filter(attempt -> attempt.action() instanceof Action.OnJournal
                        && attempt.state() instanceof Done(var _, Succeeded _));
    }

    /** For how long since that moment the kubelet has been seen not to renew its Lease; zero where it was seen too seldom. */
    public Duration kubeletSilentSince(Instant moment, Instant now) {
        return kubelet.map(looks -> looks.silentSince(moment, now)).orElse(Duration.ZERO);
    }

    /** Whether the kubelet has renewed its Lease since that moment, as we have seen. */
    public boolean isKubeletAliveSince(Instant moment, Instant now) {
        return kubelet.filter(looks -> looks.isAliveSince(moment, now)).isPresent();
    }

    /** What the departure for these causes, and no others, has come to, if nothing but a hook was waited for. */
    public Optional<AwaitingHook> concluded(Set<InterruptionId> causes) {
        return concluded.filter(waits -> waits.concluded().equals(causes));
    }

    private Attempts with(Stream<Attempt> attempts) {
        Map<Action.Key, Attempt> more = new HashMap<>(byKey);
        attempts.forEach(attempt -> more.put(attempt.action().key(), attempt));
        return new Attempts(Collections.unmodifiableMap(more), journal, concluded, kubelet);
    }

    private Map<Action.Key, Attempt> without(Action.Key key) {
        Map<Action.Key, Attempt> others = new HashMap<>(byKey);
        others.remove(key);
        return Collections.unmodifiableMap(others);
    }
}
