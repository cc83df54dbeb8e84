package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.OnPod;
import dev.glidepath.departure.decision.Attempt.State.Done;
import dev.glidepath.departure.decision.Attempt.State.InFlight;
import dev.glidepath.departure.decision.Attempt.State.Waiting;
import dev.glidepath.departure.decision.Decision.Held;
import dev.glidepath.departure.decision.Decision.Stage.AwaitingHook;
import dev.glidepath.departure.decision.Outcome.Blocked;
import dev.glidepath.departure.decision.Outcome.Bound;
import dev.glidepath.departure.decision.Outcome.Denied;
import dev.glidepath.departure.decision.Outcome.Described;
import dev.glidepath.departure.decision.Outcome.Landed;
import dev.glidepath.departure.decision.Outcome.Moot;
import dev.glidepath.departure.decision.Outcome.NotFound;
import dev.glidepath.departure.decision.Outcome.NotSent;
import dev.glidepath.departure.decision.Outcome.Overloaded;
import dev.glidepath.departure.decision.Outcome.Refused;
import dev.glidepath.departure.decision.Outcome.Renewed;
import dev.glidepath.departure.decision.Outcome.TryAgain;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.event.InterruptionId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What was tried in a departure, and what came of it. Empty after a restart, and nothing depends on it being full. */
public final class Attempts {
    /** So many looks at a kubelet's Lease show that it is silent. */
    private static final int SILENT_LOOKS = 4;

    /** Between two looks at a kubelet's Lease that are further apart it may have been renewed, and have stopped again. */
    private static final Duration SEEN_AGAIN_WITHIN = Duration.ofSeconds(30);

    private static final Attempts NONE = new Attempts(Map.of(), "", Instant.MIN, Optional.empty(), Optional.empty());

    private final Map<Act.Key, Attempt> byKey;

    /** The journal's text as it was seen last. */
    private final String journalText;

    /** Since when it reads so. */
    private final Instant journalSince;

    /** What the departure has come to, where nothing but a hook is waited for. */
    private final Optional<AwaitingHook> concluded;

    /** The kubelet's last sign of life. */
    private final Optional<Renewal> renewal;

    /**
     * A kubelet's Lease, by our own clock: the kubelet's may be wrong.
     *
     * @param renewedAt as the Lease says
     * @param seenFrom when it was first seen to say so
     * @param seenLast when it was last seen to say so
     * @param times how often it was seen to say so
     * @param aliveAfter when it was last seen to say something else; empty where it never was
     */
    private record Renewal(
            Instant renewedAt, Instant seenFrom, Instant seenLast, int times, Optional<Instant> aliveAfter) {
        static Renewal at(Instant renewedAt, Instant now) {
            return new Renewal(renewedAt, now, now, 1, Optional.empty());
        }

        Renewal then(Instant renewed, Instant now) {
            if (!renewed.equals(renewedAt)) {
                return new Renewal(renewed, now, now, 1, Optional.of(seenLast));
            }
            return isRecent(now)
                    ? new Renewal(renewed, seenFrom, now, times + 1, aliveAfter)
                    : new Renewal(renewed, now, now, 1, aliveAfter);
        }

        /** Whether it was seen so lately that nothing has happened in between. */
        boolean isRecent(Instant now) {
            return now.isBefore(seenLast.plus(SEEN_AGAIN_WITHIN));
        }
    }

    private Attempts(
            Map<Act.Key, Attempt> byKey,
            String journalText,
            Instant journalSince,
            Optional<AwaitingHook> concluded,
            Optional<Renewal> renewal) {
        this.renewal = renewal;
        this.byKey = byKey;
        this.journalText = journalText;
        this.journalSince = journalSince;
        this.concluded = concluded;
    }

    /** Nothing was tried. */
    public static Attempts none() {
        return NONE;
    }

    /** How long to wait before something is tried again: at first, and at most after it failed again and again. */
    private record Pause(Duration first, Duration longest) {
        /** For a budget that is not among those we watch. */
        static final Pause BLOCKED = new Pause(Duration.ofSeconds(2), Duration.ofSeconds(30));

        static final Pause OVERLOADED = new Pause(Duration.ofMillis(250), Duration.ofSeconds(5));
        static final Pause REFUSED = new Pause(Duration.ofSeconds(10), Duration.ofMinutes(2));
        static final Pause FAILED = new Pause(Duration.ofMillis(250), Duration.ofSeconds(10));
        /** From a pod's last call on each second of waiting is one of its grace. */
        static final Pause LAST_CALL = new Pause(Duration.ofMillis(250), Duration.ofSeconds(2));

        /** What is eventually consistent is consistent soon. */
        static final Pause NOT_FOUND = new Pause(Duration.ofSeconds(5), Duration.ofSeconds(5));

        static final Pause DENIED = new Pause(Duration.ofSeconds(30), Duration.ofSeconds(30));
        /** Thousands of them may be tried again for days, beside those that are not denied. */
        static final Pause COMPLETION_DENIED = new Pause(Duration.ofSeconds(30), Duration.ofMinutes(2));

        Duration before(int nextTry, RandomGenerator random) {
            Duration grown = first.multipliedBy(1L << Math.clamp(nextTry - 1L, 0, 16));
            Duration bounded = grown.compareTo(longest) < 0 ? grown : longest;
            return Duration.ofMillis((long) (bounded.toMillis() * (0.75 + random.nextDouble() / 2)));
        }
    }

    /**
     * The same, now that the node's journal is seen to read so. Where it reads again as it did before, what we wrote over it then
     * is history: somebody has written since, and perhaps it is his now.
     */
    public Attempts seen(String text, Instant now) {
        if (text.equals(journalText)) {
            return this;
        }
        Attempt before = byKey.get(Act.OnJournal.keyOf(text));
        if (before == null || before.state() instanceof InFlight) {
            return new Attempts(byKey, text, now, concluded, renewal);
        }
        return new Attempts(without(Act.OnJournal.keyOf(text)).byKey, text, now, concluded, renewal);
    }

    /** The same, with what was tried for the instance by the departure of another of its nodes. */
    public Attempts sharing(Attempts other) {
        return with(
                other.byKey.values().stream().filter(attempt -> attempt.act().isOfInstance()));
    }

    /** The same, with these acts under way. */
    public Attempts started(Collection<Act> acts, Instant now) {
        return acts.isEmpty() ? this : with(acts.stream().map(act -> started(act, now)));
    }

    private Attempt started(Act act, Instant now) {
        Attempt before = byKey.get(act.key());
        if (before == null) {
            return new Attempt(act, 1, new InFlight(now), now, Duration.ZERO, Set.of(), false);
        }
        // A heartbeat that landed begins to count anew.
        int tries = before.state() instanceof Done ? 1 : before.tries() + 1;
        return new Attempt(
                act, tries, new InFlight(now), now, before.blockedFor(now), before.blockedBy(), before.denied());
    }

    /**
     * The same, with evictions that wait for their budgets though nobody has asked for them yet; of those that were refused it is
     * remembered which budgets hold them back by now.
     */
    public Attempts heldBack(Collection<Held> held, Instant now) {
        List<Attempt> fresh = held.stream()
                .filter(each -> !waitsForItsBudgets(each))
                .map(each -> heldBack(each, now))
                .toList();
        return fresh.isEmpty() ? this : with(fresh.stream());
    }

    private boolean waitsForItsBudgets(Held held) {
        Attempt before = byKey.get(held.evict().key());
        return before != null
                && isBlocked(before)
                && before.act() instanceof Act.Evict evict
                && evict.terms().budgets().equals(held.evict().terms().budgets());
    }

    private static boolean isBlocked(Attempt attempt) {
        return attempt.state() instanceof Waiting(var _, var _, Blocked _);
    }

    private Attempt heldBack(Held held, Instant now) {
        Attempt before = byKey.get(held.evict().key());
        Attempt.State waiting = before != null && isBlocked(before)
                ? before.state()
                : new Waiting(now, now, new Blocked(held.budget().toString(), held.why()));
        return new Attempt(
                held.evict(),
                before == null ? 0 : before.tries(),
                waiting,
                before == null ? Instant.MIN : before.startedAt(),
                before == null ? Duration.ZERO : before.blockedFor(),
                also(
                        before == null ? Set.of() : before.blockedBy(),
                        held.budget().toString()),
                before != null && before.denied());
    }

    /**
     * The same, with what came of this act.
     *
     * @param random spreads what is tried again, so that what failed together does not come back together
     */
    public Attempts ended(Act act, Outcome outcome, Instant now, RandomGenerator random) {
        if (outcome instanceof NotSent) {
            return notSent(act, outcome, now);
        }
        Attempt before = of(act).orElseGet(() -> started(act, now));
        Set<String> blockedBy = outcome instanceof Blocked(String budget, var _)
                ? also(before.blockedBy(), budget)
                : before.blockedBy();
        boolean denied = switch (outcome) {
            case Denied _ -> true;
            case TryAgain _, Overloaded _ -> before.denied();
            default -> false;
        };
        boolean isDeniedCompletion = denied && act instanceof Act.CompleteHook;
        Attempt.State state = switch (outcome) {
            case Landed _, Moot _, Described _, Bound _, Renewed _ -> new Done(now, outcome);
            case Blocked _ -> waiting(Pause.BLOCKED, before, outcome, now, random);
            case Overloaded(var _, Duration wanted) ->
                waiting(Pause.OVERLOADED, before, outcome, now, random)
                        .butNotBefore(now.plus(wanted(before, wanted, random)));
            case Refused _ -> waiting(Pause.REFUSED, before, outcome, now, random);
            case TryAgain _ when isDeniedCompletion -> waiting(Pause.COMPLETION_DENIED, before, outcome, now, random);
            case TryAgain _ -> waiting(Pause.FAILED, before, outcome, now, random);
            case NotFound _ -> waiting(Pause.NOT_FOUND, before, outcome, now, random);
            case Denied _ when isDeniedCompletion -> waiting(Pause.COMPLETION_DENIED, before, outcome, now, random);
            case Denied _ -> waiting(Pause.DENIED, before, outcome, now, random);
            case NotSent _ -> throw new IllegalStateException("it was not tried: " + act);
        };
        return with(Stream.of(new Attempt(
                        act, before.tries(), state, before.startedAt(), before.blockedFor(), blockedBy, denied)))
                .withRenewal(outcome, now);
    }

    private Attempts withRenewal(Outcome outcome, Instant now) {
        return outcome instanceof Renewed(Instant at)
                ? new Attempts(
                        byKey,
                        journalText,
                        journalSince,
                        concluded,
                        Optional.of(renewal.map(seen -> seen.then(at, now)).orElseGet(() -> Renewal.at(at, now))))
                : this;
    }

    /**
     * For how long since that moment the kubelet has been seen not to renew its Lease, look by look until now.
     *
     * @return zero where it was seen too seldom: a clock may have been set forward
     */
    Duration kubeletSilentSince(Instant moment, Instant now) {
        return renewal.filter(seen -> seen.times() >= SILENT_LOOKS && seen.isRecent(now))
                .map(seen ->
                        Duration.between(seen.seenFrom().isBefore(moment) ? moment : seen.seenFrom(), seen.seenLast()))
                .filter(Duration::isPositive)
                .orElse(Duration.ZERO);
    }

    /** Whether the kubelet has renewed its Lease since that moment, as we have seen by our own clock: its own may be wrong. */
    boolean isKubeletAliveSince(Instant moment, Instant now) {
        return renewal.flatMap(Renewal::aliveAfter)
                .filter(after -> !after.isBefore(moment) && !after.isAfter(now))
                .isPresent();
    }

    /** As if it had not been started: it may be at once, if it is wanted again. */
    private Attempts notSent(Act act, Outcome outcome, Instant now) {
        Attempt before = byKey.get(act.key());
        if (before == null) {
            return this;
        }
        int tries = before.tries() - 1;
        if (tries > 0 || before.wasBlocked()) {
            Waiting waiting = new Waiting(now, now, outcome);
            return with(Stream.of(new Attempt(
                    act,
                    tries,
                    waiting,
                    before.startedAt(),
                    before.blockedFor(),
                    before.blockedBy(),
                    before.denied())));
        }
        return without(act.key());
    }

    private static Waiting waiting(Pause usual, Attempt before, Outcome outcome, Instant now, RandomGenerator random) {
        Pause pause = isLastCall(before) && !usual.equals(Pause.DENIED) ? Pause.LAST_CALL : usual;
        return new Waiting(now, now.plus(pause.before(before.tries(), random)), outcome);
    }

    /** Who has no time to lose does not wait for longer than it would by itself, whatever the server wants; nor does a node. */
    private static Duration wanted(Attempt before, Duration wanted, RandomGenerator random) {
        boolean isFirstOfAll = before.act() instanceof Act.OnJournal || before.act() instanceof Act.ListPods;
        Duration ofItsOwn = isFirstOfAll ? Pause.OVERLOADED.longest() : wanted;
        Duration longest = isLastCall(before) ? Pause.LAST_CALL.longest() : ofItsOwn;
        Duration bounded = wanted.compareTo(longest) < 0 ? wanted : longest;
        return Duration.ofMillis((long) (bounded.toMillis() * (1 + random.nextDouble() / 2)));
    }

    private static boolean isLastCall(Attempt attempt) {
        return attempt.act() instanceof Act.LastCall || attempt.act() instanceof Act.Delete;
    }

    /** How far this act has come; empty if it was never started, nor held back. */
    public Optional<Attempt> of(Act act) {
        return Optional.ofNullable(byKey.get(act.key()));
    }

    /** How far this has come with this pod. */
    Optional<Attempt> of(Class<? extends OnPod> kind, PodRef pod) {
        return Optional.ofNullable(byKey.get(new Act.Key(kind, pod)));
    }

    /** When this act was done, and with which outcome; empty while it is not. */
    Optional<Done> done(Act act) {
        Attempt attempt = byKey.get(act.key());
        return attempt != null && attempt.state() instanceof Done done ? Optional.of(done) : Optional.empty();
    }

    boolean isDone(Act act) {
        return done(act).isPresent();
    }

    /** All attempts at acts of one sort that were done by us: those that turned out moot are not among them. */
    <A extends Act> Stream<Attempt> landed(Class<A> sort) {
        return byKey.values().stream()
                .filter(attempt -> sort.isInstance(attempt.act()))
                .filter(attempt -> attempt.state() instanceof Done(var _, Landed _));
    }

    /** All attempts at acts of one sort. */
    <A extends Act> Stream<Attempt> tried(Class<A> sort) {
        return byKey.values().stream().filter(attempt -> sort.isInstance(attempt.act()));
    }

    /** Whether an act of this sort has yet to be answered. */
    boolean isUnderWay(Class<? extends Act> sort) {
        return tried(sort).anyMatch(attempt -> attempt.state() instanceof InFlight);
    }

    /** The act of one sort that was done last by us. */
    <A extends Act> Optional<A> last(Class<A> sort) {
        return landed(sort)
                .max(Comparator.comparing(Attempt::since))
                .map(Attempt::act)
                .map(sort::cast);
    }

    /** What was written over this journal's text and is not seen yet, if anything. */
    Optional<Act.OnJournal> writtenOver(String basedOn) {
        return writingOver(basedOn).map(Attempt::act).map(Act.OnJournal.class::cast);
    }

    /** Since when the journal has read as it does: as it was seen last, or as we wrote it over that. */
    Instant journalSince() {
        return writingOver(journalText).map(Attempt::since).orElse(journalSince);
    }

    private Optional<Attempt> writingOver(String basedOn) {
        return Optional.ofNullable(byKey.get(Act.OnJournal.keyOf(basedOn)))
                .filter(attempt ->
                        attempt.act() instanceof Act.OnJournal && attempt.state() instanceof Done(var _, Landed _));
    }

    /**
     * The same, as far as it is of use after this decision. What was done about the node and its pods is of none to one who
     * rests, and untrue when he goes on; but what a departure has come to that waits for nothing but a hook.
     */
    public Attempts after(Decision decision) {
        if (!decision.isResting()) {
            return this;
        }
        return new Attempts(
                byKey.entrySet().stream()
                        .filter(entry -> isOfUseAtRest(entry.getValue()))
                        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue)),
                journalText,
                journalSince,
                decision.stage() instanceof AwaitingHook waits ? Optional.of(waits) : Optional.empty(),
                renewal);
    }

    /** What the departure for these causes, and no others, has come to, if nothing but a hook was waited for. */
    Optional<AwaitingHook> concluded(Set<InterruptionId> causes) {
        return concluded.filter(waits -> waits.concluded().equals(causes));
    }

    /** What failed is not to be tried again at once; and what a hook answered holds as long as the hook. */
    private static boolean isOfUseAtRest(Attempt attempt) {
        return switch (attempt.act()) {
            case Act.DescribeHook _, Act.Heartbeat _, Act.CompleteHook _ -> true;
            case Act.OnJournal _, Act.DeleteMessages _, Act.HandBack _, Act.AskForNode _, Act.AskKubelet _ ->
                !(attempt.state() instanceof Done);
            case OnPod _, Act.ListPods _, Act.FindVolume _ -> attempt.state() instanceof InFlight;
        };
    }

    private Attempts with(Stream<Attempt> attempts) {
        Map<Act.Key, Attempt> more = new HashMap<>(byKey);
        attempts.forEach(attempt -> more.put(attempt.act().key(), attempt));
        return new Attempts(Collections.unmodifiableMap(more), journalText, journalSince, concluded, renewal);
    }

    private Attempts without(Act.Key key) {
        Map<Act.Key, Attempt> others = new HashMap<>(byKey);
        others.remove(key);
        return new Attempts(Collections.unmodifiableMap(others), journalText, journalSince, concluded, renewal);
    }

    private static Set<String> also(Set<String> before, String budget) {
        if (budget.isEmpty() || before.contains(budget)) {
            return before;
        }
        Set<String> more = new HashSet<>(before);
        more.add(budget);
        return more;
    }
}
