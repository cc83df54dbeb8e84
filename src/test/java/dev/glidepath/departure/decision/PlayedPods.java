package dev.glidepath.departure.decision;

import dev.glidepath.cluster.LabelSelector;
import dev.glidepath.cluster.LabelSelector.Requirement;
import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Blocked;
import dev.glidepath.departure.action.Outcome.NotNeeded;
import dev.glidepath.departure.action.Outcome.Refused;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Termination;
import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.drain.pod.SamplePod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** The pods, budgets and volumes of a {@link Play}: what an API server, a kubelet and the disruption controller would do. */
final class PlayedPods {
    /** So late does a request arrive of a process that has died. */
    private static final Duration ARRIVES_WITHIN = Duration.ofMinutes(1);

    private final Play play;
    private final Map<String, Pod> there = new LinkedHashMap<>();
    private final Map<String, Pod> gone = new LinkedHashMap<>();
    private final Map<String, Duration> exits = new HashMap<>();
    private final Map<String, Instant> asked = new HashMap<>();
    private final Map<String, String> askedBy = new HashMap<>();
    private final Map<String, PlayedBudget> budgets = new LinkedHashMap<>();
    private final Set<String> attached = new HashSet<>();
    private final Set<String> underWay = new HashSet<>();
    private final Set<String> staying = new HashSet<>();
    private Instant evictionsWorkFrom = Instant.MIN;
    private Optional<View> shown = Optional.empty();

    /**
     * What is watched of them at one moment.
     *
     * @param rooms of the budgets, by name
     */
    record View(Map<String, Pod> there, Map<String, Pod> gone, Map<String, Room> rooms, Set<String> attached) {
        View {
            there = Collections.unmodifiableMap(new LinkedHashMap<>(there));
            gone = Collections.unmodifiableMap(new LinkedHashMap<>(gone));
            rooms = Collections.unmodifiableMap(new LinkedHashMap<>(rooms));
            attached = Set.copyOf(attached);
        }

        /** As another process has it, which sees them for the first time. */
        View seenAnew(Instant now) {
            Map<String, Pod> anew = new LinkedHashMap<>(there);
            anew.replaceAll((_, pod) -> seen(pod, now));
            return new View(anew, Map.of(), rooms, attached);
        }
    }

    /** What a budget's status says. */
    record Room(int room, boolean current, Instant changedAt) {}

    private Instant deletionsWorkFrom = Instant.MIN;

    private static final class PlayedBudget {
        private final Budget.Id id;
        private final Predicate<Pod> covers;
        private final Duration replacementTakes;
        private int room;
        private boolean current = true;
        private Instant changedAt;

        PlayedBudget(Budget.Id id, Predicate<Pod> covers, int room, Duration replacementTakes, Instant now) {
            this.id = id;
            this.covers = covers;
            this.room = room;
            this.replacementTakes = replacementTakes;
            this.changedAt = now;
        }
    }

    PlayedPods(Play play) {
        this.play = play;
    }

    void add(Pod pod, Duration takesToExit) {
        there.put(pod.ref().uid(), pod);
        exits.put(pod.ref().uid(), takesToExit);
        pod.claims().forEach(claim -> attached.add("volume-of-" + claim));
    }

    /** A budget over the pods that this says yes to, told by their label {@code app}. */
    void addBudget(String name, int room, Duration replacementTakes, Predicate<Pod> covers) {
        budgets.put(name, new PlayedBudget(new Budget.Id("shop", name), covers, room, replacementTakes, play.now()));
    }

    /** Somebody deletes a budget. */
    void removeBudget(String name) {
        budgets.remove(name);
    }

    /** Somebody else's doing: a rollout, a crash, a recovery. */
    void changeRoom(String budget, int by) {
        PlayedBudget changed = Objects.requireNonNull(budgets.get(budget));
        changed.room = Math.max(0, changed.room + by);
        changed.changedAt = play.now();
    }

    boolean hasRoom(String budget) {
        return budgets.containsKey(budget) && budgets.get(budget).room > 0;
    }

    /** Whether the disruption controller keeps up with the budget's spec. */
    void isCurrent(String budget, boolean current) {
        PlayedBudget changed = Objects.requireNonNull(budgets.get(budget));
        changed.current = current;
        changed.changedAt = play.now();
    }

    /** A pod whose object nobody takes away, whatever becomes of its containers. */
    void stays(String name) {
        staying.add("uid-of-" + name);
    }

    /** Until then a policy makes a dry run of each eviction: it is answered with yes, and has no effect. */
    void evictionsWorkFrom(Instant from) {
        evictionsWorkFrom = from;
    }

    /** The same of deletions. */
    void deletionsWorkFrom(Instant from) {
        deletionsWorkFrom = from;
    }

    void change(String uid, UnaryOperator<Pod> change) {
        there.computeIfPresent(uid, (_, pod) -> change.apply(pod));
    }

    void clear() {
        there.clear();
    }

    /** A node out of service: its pods' objects and volumes are freed. */
    void freed() {
        there.keySet().stream().toList().forEach(this::goes);
        attached.clear();
    }

    /** Another process sees them for the first time, and never those that are gone. */
    void seenAnew(Instant now) {
        gone.clear();
        underWay.clear();
        there.replaceAll((_, pod) -> seen(pod, now));
    }

    /** What a watch shows of them at some moment. */
    record Shown(List<Pod> there, List<Pod> gone) {
        PodSight sight(Instant listedAt) {
            return new PodSight.Listed(there, gone, listedAt);
        }
    }

    /** What a watch that is not behind shows now. */
    Shown shown() {
        View view = view();
        return new Shown(
                List.copyOf(view.there().values()), List.copyOf(view.gone().values()));
    }

    /** A volume of which nobody here knows the pod. */
    void attach(String volume) {
        attached.add(volume);
    }

    Set<String> attached() {
        return view().attached();
    }

    /** What is watched of them now. */
    View view() {
        return shown.orElseGet(() -> {
            Map<String, Room> rooms = new LinkedHashMap<>();
            budgets.forEach((name, budget) -> rooms.put(name, new Room(budget.room, budget.current, budget.changedAt)));
            return new View(there, gone, rooms, attached);
        });
    }

    /** What is watched lags behind: it goes on showing this. */
    void shows(View former) {
        shown = Optional.of(former);
    }

    /** What is watched has caught up: what it showed to the last, and is there no more, has gone since. */
    void showsAll() {
        shown.ifPresent(view -> view.there().forEach((uid, pod) -> {
            if (!there.containsKey(uid)) {
                gone.put(uid, pod);
            }
        }));
        shown = Optional.empty();
    }

    Collection<Pod> there() {
        return there.values();
    }

    /** The names of those that are there. */
    Set<String> names() {
        return there.values().stream().map(pod -> pod.ref().name()).collect(Collectors.toSet());
    }

    /** When a pod's containers were first asked to end; empty while they were not. */
    Optional<Instant> askedAt(Pod pod) {
        return Optional.ofNullable(asked.get(pod.ref().uid()));
    }

    /** As the gate has it: an eviction under way uses room that the budget's status has not lost yet. */
    void reserve(Evict evict) {
        underWay.add(evict.pod().uid());
    }

    void release(Evict evict) {
        underWay.remove(evict.pod().uid());
    }

    List<Budget> budgets() {
        List<Budget> seen = new ArrayList<>();
        View view = view();
        for (PlayedBudget budget : budgets.values()) {
            Room status = view.rooms()
                    .getOrDefault(budget.id.name(), new Room(budget.room, budget.current, budget.changedAt));
            int reserved = 0;
            Set<String> names = new HashSet<>();
            for (Pod pod : view.there().values()) {
                if (budget.covers.test(pod)) {
                    names.add(pod.labels().get("app"));
                    reserved += underWay.contains(pod.ref().uid()) ? 1 : 0;
                }
            }
            seen.add(new Budget(
                            budget.id,
                            new LabelSelector(List.of(new Requirement.In("app", names))),
                            false,
                            status.room(),
                            new Budget.Health(status.room(), 1, 2),
                            status.current(),
                            Set.of(),
                            status.changedAt())
                    .reserving(reserved));
        }
        return seen;
    }

    /** @param by whose process asks */
    Outcome carryOut(OnPod action, String by) {
        Pod pod = there.get(action.pod().uid());
        if (pod == null) {
            return new NotNeeded("gone");
        }
        return switch (action) {
            case Evict _, LastCall _ -> evict(action, pod, by);
            case Delete _ when play.now().isBefore(deletionsWorkFrom) -> new Succeeded();
            case Delete _ -> {
                terminate(action, pod, false, by);
                yield new Succeeded();
            }
            case Action.MarkDisrupted _ -> new Succeeded();
        };
    }

    private Outcome evict(OnPod action, Pod pod, String by) {
        if (play.now().isBefore(evictionsWorkFrom)) {
            return new Succeeded();
        }
        List<PlayedBudget> over = budgets.values().stream()
                .filter(budget -> budget.covers.test(pod))
                .toList();
        if (!pod.terminating() && over.size() > 1) {
            return new Refused("more than one PodDisruptionBudget");
        }
        if (!pod.terminating() && over.size() == 1) {
            PlayedBudget budget = over.getFirst();
            if (budget.room == 0 || !budget.current) {
                return new Blocked(budget.id.toString(), "no room");
            }
            budget.room--;
            budget.changedAt = play.now();
        }
        terminate(action, pod, true, by);
        return new Succeeded();
    }

    private void terminate(OnPod action, Pod pod, boolean evicted, String by) {
        Duration grace = action.terms().grace().sentAt(play.now()).orElse(pod.grace());
        if (pod.terminating()) {
            boolean haveCrossed = !by.equals(askedBy.get(pod.ref().uid()))
                    && asked.getOrDefault(pod.ref().uid(), Instant.MIN)
                            .isAfter(play.now().minus(ARRIVES_WITHIN));
            if (!haveCrossed && grace.compareTo(pod.termination().orElseThrow().grace()) < 0) {
                throw new AssertionError("the grace of " + pod.ref() + " is shortened while it ends: " + action);
            }
            return;
        }
        String uid = pod.ref().uid();
        asked.put(uid, play.now());
        askedBy.put(uid, by);
        there.put(uid, terminating(pod, new Termination(play.now().plus(grace), grace, evicted)));
        Duration wishes = exits.getOrDefault(uid, grace);
        Duration takes = wishes.compareTo(grace) < 0 ? wishes : grace;
        Instant ends = play.now().plus(takes);
        play.at(ends, () -> goes(uid));
        for (PlayedBudget budget : budgets.values()) {
            if (evicted && budget.covers.test(pod)) {
                play.at(ends.plus(budget.replacementTakes), () -> changeRoom(budget.id.name(), 1));
            }
        }
    }

    void goes(String uid) {
        Pod pod = there.get(uid);
        if (pod == null || staying.contains(uid)) {
            return;
        }
        there.remove(uid);
        gone.put(uid, pod);
        play.at(play.now().plusSeconds(3), () -> pod.claims().forEach(claim -> attached.remove("volume-of-" + claim)));
    }

    /** A pod is deleted, and another of the same name is on the node at once: its scheduler has not seen the cordon. */
    void isReplaced(String uid, String by) {
        Pod pod = there.remove(uid);
        if (pod == null) {
            return;
        }
        gone.put(uid, pod);
        exits.put(by, exits.getOrDefault(uid, pod.grace()));
        there.put(by, SamplePod.like(pod).uid(by).running().seenAt(play.now()).build());
    }

    static Pod terminating(Pod pod, Termination termination) {
        return SamplePod.like(pod).terminating(termination).build();
    }

    static Pod ended(Pod pod) {
        return SamplePod.like(pod).with(Trait.CONTAINERS_ENDED).build();
    }

    private static Pod seen(Pod pod, Instant at) {
        return SamplePod.like(pod).seenAt(at).build();
    }
}
