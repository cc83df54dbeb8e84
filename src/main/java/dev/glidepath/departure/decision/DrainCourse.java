package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.DrainReport;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Stage;
import dev.glidepath.departure.snapshot.Attempt.State.Done;
import dev.glidepath.departure.snapshot.Attempts;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.plan.DrainPlan.AtLastCall;
import dev.glidepath.drain.plan.Horizon;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Owner;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.drain.pod.PodSight.NotListed;
import dev.glidepath.event.Kind;
import dev.glidepath.node.Journal.Effect;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The drain of a node whose departure is ours, until its pods are gone, or its deadline comes. */
final class DrainCourse {
    /** A pod may yet be bound while the cordon travels to the scheduler. */
    private static final Duration CORDON_TRAVELS = Duration.ofSeconds(5);

    /** Namespaces and volumes are read within a moment of the start. */
    private static final Duration INFORMED_SOON = Duration.ofSeconds(1);

    private final DecisionContext context;
    private final PendingActions pending;
    private final Snapshot snapshot;
    private final Attempts attempts;
    private final Instant now;
    private final JournaledNode node;
    private final NodeHealth health;
    private final Due due;
    private final Instant until;
    private final Horizon horizon;
    private final PodsRemaining podsRemaining;
    private final DrainPlan plan;

    DrainCourse(DecisionContext context, JournaledNode node, NodeHealth health, Due due) {
        this.context = context;
        this.pending = context.pending();
        this.snapshot = context.snapshot();
        this.attempts = context.attempts();
        this.now = context.now();
        this.node = node;
        this.health = health;
        this.due = due;
        this.until = due.deadlines().earliest();
        this.horizon = due.deadlines().horizon(now);
        this.podsRemaining = new PodsRemaining(snapshot, now);
        this.plan = snapshot.pods() instanceof Listed(List<Pod> pods, var _, var _)
                ? DrainPlan.of(pods, given())
                : new DrainPlan(List.of());
    }

    /** How far it is, while it is not over. */
    Stage stage() {
        return new Stage.Draining(until, plan);
    }

    /** What it has come to. */
    DrainReport report() {
        return DrainReporter.report(snapshot, given(), podsRemaining, now);
    }

    /** Whether no pod has to leave any more, and no volume is attached. */
    boolean isFreed() {
        return snapshot.pods() instanceof Listed
                && plan.leaving().findAny().isEmpty()
                && snapshot.attached().isEmpty();
    }

    /** Continues the drain. Returns the ending, when it is over. */
    Optional<Ending> carryOn() {
        EvictionOrder order = new EvictionOrder(
                plan, horizon, podsRemaining, ownersOf(LastCall.class).keySet(), attempts, pending, now);
        if (isListedTwice() && isDrained()) {
            return Optional.of(Ending.DRAINED);
        }
        if (isListedTwice() && health.isUnresponsive() && order.areAllAnswered()) {
            return Optional.of(Ending.UNRESPONSIVE);
        }
        if (!now.isBefore(until)) {
            return Optional.of(Ending.DEADLINE_PASSED);
        }
        pending.lookAgainBy(until);
        due.causes().stream()
                .filter(cause -> cause.effect() == Effect.NONE)
                .map(Deadlines::lapsesAt)
                .forEach(pending::lookAgainAfter);
        drain(order);
        return Optional.empty();
    }

    private void drain(EvictionOrder order) {
        // Only of a node that is not Ready, or announced to be off, is it in question whether its kubelet is there.
        if (!node.node().ready() || InstanceOff.announcedOffSince(due.causes()).isPresent()) {
            health.watchKubelet();
        }
        switch (snapshot.pods()) {
            case NotListed _ -> pending.request(new ListPods(1));
            case Listed(var _, var _, Instant listedAt) -> {
                findVolumes();
                evict(order);
                listAgain(listedAt);
                awaitPods();
            }
        }
    }

    private void findVolumes() {
        (snapshot.isTakenOver() ? plan.pods().stream() : plan.leaving())
                .flatMap(planned -> PodsRemaining.claimsOf(planned.pod()).stream())
                .forEach(pending::request);
    }

    private void evict(EvictionOrder order) {
        if (isBurstCordoned()) {
            pending.lookAgainBy(snapshot.conditions().drainsFrom());
        } else if (isUninformed()) {
            pending.lookAgainBy(now.plus(INFORMED_SOON));
            order.takeLastCalls();
        } else if (horizon instanceof Horizon.Going) {
            order.takeAllAtOnce();
        } else if (health.isUnresponsive()) {
            order.askEachOnce();
        } else if (due.isLimited()) {
            order.takeLastCalls();
        } else {
            order.take();
        }
    }

    private void listAgain(Instant listedAt) {
        Instant firstListed = attempts.done(new ListPods(1)).map(Done::at).orElse(listedAt);
        pending.requestAt(firstListed.plus(CORDON_TRAVELS), new ListPods(2));
    }

    private void awaitPods() {
        plan.leaving()
                .flatMap(planned -> PodsRemaining.stuckAt(planned.pod()).stream())
                .forEach(pending::lookAgainAfter);
        health.unresponsiveAt().ifPresent(pending::lookAgainAfter);
    }

    /** While the nodes of a burst are being cordoned no pod is evicted onto a node that goes as well; unless there is no time. */
    private boolean isBurstCordoned() {
        return now.isBefore(snapshot.conditions().drainsFrom())
                && !(horizon instanceof Horizon.Going)
                && attempts.tried(OnPod.class).findAny().isEmpty();
    }

    /** A namespace may request that its pods are left alone, which is not known yet; unless there is no time to learn it. */
    private boolean isUninformed() {
        return !snapshot.isInformed(now) && !(horizon instanceof Horizon.Going);
    }

    private boolean isListedTwice() {
        return snapshot.pods() instanceof Listed && attempts.isDone(new ListPods(2));
    }

    private boolean isDrained() {
        return plan.leaving().noneMatch(podsRemaining::holds) && podsRemaining.volumesDetached();
    }

    private DrainPlan.Given given() {
        return new DrainPlan.Given(
                snapshot.budgets(),
                horizon,
                context.policy().drain(),
                atLastCall(),
                snapshot.conditions().evictionBacklog(),
                evictedOwners(),
                due.causes().stream().allMatch(cause -> cause.kind().isVoluntary()));
    }

    private AtLastCall atLastCall() {
        boolean onlyHooksEndIt = due.causes().stream().allMatch(cause -> cause.kind() == Kind.ASG_TERMINATION);
        if (context.policy().hooks().stay() && onlyHooksEndIt) {
            return AtLastCall.STAY;
        }
        return context.policy().drain().deletes() ? AtLastCall.EVICT_THEN_DELETE : AtLastCall.EVICT;
    }

    private Map<String, Instant> evictedOwners() {
        Map<String, Instant> owners = ownersOf(Action.Evict.class);
        ownersOf(LastCall.class).forEach(owners::putIfAbsent);
        return owners;
    }

    /** A pod that tolerates every taint would be evicted again and again: its owner is remembered, and since when. */
    private Map<String, Instant> ownersOf(Class<? extends OnPod> kind) {
        Map<String, Instant> owners = new HashMap<>();
        if (!(snapshot.pods() instanceof Listed(List<Pod> pods, List<Pod> gone, var _))) {
            return owners;
        }
        for (List<Pod> each : List.of(pods, gone)) {
            for (Pod pod : each) {
                if (pod.is(Pod.Trait.TOLERATES_ALL) && pod.owner() instanceof Owner.Controller owner) {
                    attempts.of(kind, pod.ref())
                            .filter(attempt -> attempt.state() instanceof Done)
                            .ifPresent(attempt -> owners.merge(
                                    owner.uid(), attempt.since(), (one, other) -> one.isBefore(other) ? one : other));
                }
            }
        }
        return owners;
    }
}
