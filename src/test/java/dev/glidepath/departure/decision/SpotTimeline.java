package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.decision.Play.Look;
import dev.glidepath.drain.plan.DrainPlan.Planned;
import dev.glidepath.drain.plan.Verdict;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * How a spot notice is spent: one departure of pods unlike each other, played to its end by the code that decides, and told pod
 * by pod. Times are counted from the notice.
 *
 * @param deadline when the machine goes
 */
public record SpotTimeline(Duration cordoned, Duration deadline, List<Row> rows) {
    private static final int SEED = 7;

    public SpotTimeline {
        rows = List.copyOf(rows);
    }

    /** What was asked of the API server. */
    public enum Request {
        EVICTION,
        LAST_EVICTION,
        DELETION
    }

    /** One request, and whether it was granted. */
    public record Call(Duration at, Request request, boolean granted) {}

    /**
     * One pod's share of the time.
     *
     * @param about what is special about it
     * @param goneBy when its object is to be gone, for its volumes' sake and for slow clocks
     * @param heldBackFrom since when its budget held it back
     * @param given the grace it was given
     * @param detached when its volume was free
     */
    public record Row(
            String pod,
            String about,
            Verdict verdict,
            Duration grace,
            Duration goneBy,
            Optional<Duration> lastCall,
            Optional<Duration> heldBackFrom,
            List<Call> calls,
            Optional<Duration> given,
            Optional<Duration> gone,
            Optional<Duration> detached) {
        public Row {
            calls = List.copyOf(calls);
        }

        /** The request that sent it on its way; empty where it stays. */
        public Optional<Call> sent() {
            return calls.stream().filter(Call::granted).findFirst();
        }
    }

    private record Sample(SamplePod pod, String about, Duration exits) {}

    /** Plays it. */
    public static SpotTimeline play() {
        Play play = new Play(SEED);
        List<Sample> samples = samples();
        samples.forEach(sample -> play.pod(sample.pod(), sample.exits()));
        play.pods.addBudget("web", 1, ofSeconds(15), isNamed("web-"));
        play.pods.addBudget("database", 0, ofSeconds(15), isNamed("database"));
        play.notice(new SpotInterruption(Play.INSTANCE, START, SpotAction.TERMINATE))
                .run();
        return new SpotTimeline(
                since(play.succeeded(Action.Cordon.class).getFirst().at()),
                since(drainsUntil(play)),
                samples.stream().map(sample -> row(sample, play)).toList());
    }

    private static List<Sample> samples() {
        return List.of(
                sample("checkout", "priority 1000", pod -> pod.priority(1000), 6),
                sample("web-1", "budget with room for 1", pod -> pod, 5),
                sample("web-2", "budget with room for 1", pod -> pod, 5),
                sample("web-3", "budget with room for 1", pod -> pod, 5),
                sample("cache", "grace 0 s", pod -> pod.grace(Duration.ZERO), 0),
                sample("export", "grace 600 s", pod -> pod.grace(ofMinutes(10)), 100),
                sample("dns", "cluster-critical", pod -> pod.priority(2_000_000_000), 8),
                sample("import", "Job, drain: wait", pod -> pod.ownedBy("Job").with(Trait.WAIT), 10),
                sample(
                        "database",
                        "volume, budget without room",
                        pod -> pod.ownedBy("StatefulSet").claiming("data"),
                        14),
                sample("gateway", "node-critical, goes last", pod -> pod.priority(2_000_001_000), 12),
                sample("log-agent", "DaemonSet", pod -> pod.ownedBy("DaemonSet"), 0));
    }

    private static Sample sample(String name, String about, UnaryOperator<SamplePod> special, int exits) {
        return new Sample(special.apply(SamplePod.of(name)), about, ofSeconds(exits));
    }

    private static Predicate<Pod> isNamed(String beginning) {
        return pod -> pod.ref().name().startsWith(beginning);
    }

    private static Instant drainsUntil(Play play) {
        return play.looks().stream()
                .flatMap(look -> look.decision().stage() instanceof Stage.Draining(Instant until, var _)
                        ? Optional.of(until).stream()
                        : Optional.<Instant>empty().stream())
                .findFirst()
                .orElseThrow();
    }

    private static Row row(Sample sample, Play play) {
        Pod pod = sample.pod().build();
        Planned planned = planned(pod, play);
        Optional<Instant> gone = firstLook(
                play, look -> seen(pod, look).isEmpty() && look.snapshot().pods() instanceof Listed);
        return new Row(
                pod.ref().name(),
                sample.about(),
                planned.verdict(),
                pod.grace(),
                since(planned.grace().endsBy().orElseThrow()),
                planned.lastCall().map(SpotTimeline::since),
                firstLook(play, look -> isHeldBack(pod, look)).map(SpotTimeline::since),
                calls(pod, play),
                play.looks().stream()
                        .flatMap(look -> seen(pod, look).stream())
                        .flatMap(each -> each.termination().stream())
                        .map(Pod.Termination::grace)
                        .findFirst(),
                gone.map(SpotTimeline::since),
                pod.claims().isEmpty()
                        ? Optional.empty()
                        : firstLook(play, look -> look.snapshot().attached().isEmpty())
                                .map(SpotTimeline::since));
    }

    /** As it was planned when the pods were first seen. */
    private static Planned planned(Pod pod, Play play) {
        return play.looks().stream()
                .flatMap(look -> look.decision().stage() instanceof Stage.Draining(var _, var plan)
                        ? plan.pods().stream()
                        : List.<Planned>of().stream())
                .filter(planned -> planned.pod().ref().equals(pod.ref()))
                .findFirst()
                .orElseThrow();
    }

    private static Optional<Instant> firstLook(Play play, Predicate<Look> isSo) {
        return play.looks().stream().filter(isSo).map(Look::at).findFirst();
    }

    private static Optional<Pod> seen(Pod pod, Look look) {
        return look.snapshot().pods() instanceof Listed(List<Pod> there, var _, var _)
                ? there.stream().filter(each -> each.ref().equals(pod.ref())).findFirst()
                : Optional.empty();
    }

    private static boolean isHeldBack(Pod pod, Look look) {
        return look.decision().held().stream()
                .anyMatch(held -> held.evict().pod().equals(pod.ref()));
    }

    private static List<Call> calls(Pod pod, Play play) {
        return play.done().stream()
                .filter(done ->
                        done.action() instanceof OnPod action && action.pod().equals(pod.ref()))
                .flatMap(done -> request(done.action())
                        .map(request -> new Call(since(done.at()), request, done.outcome() instanceof Succeeded))
                        .stream())
                .toList();
    }

    private static Optional<Request> request(Action action) {
        return switch (action) {
            case Evict _ -> Optional.of(Request.EVICTION);
            case LastCall _ -> Optional.of(Request.LAST_EVICTION);
            case Delete _ -> Optional.of(Request.DELETION);
            default -> Optional.empty();
        };
    }

    private static Duration since(Instant at) {
        return Duration.between(START, at);
    }
}
