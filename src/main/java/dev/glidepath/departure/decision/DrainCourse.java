package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.AskKubelet;
import dev.glidepath.departure.decision.Act.LastCall;
import dev.glidepath.departure.decision.Act.ListPods;
import dev.glidepath.departure.decision.Act.OnPod;
import dev.glidepath.departure.decision.Act.PutBackInService;
import dev.glidepath.departure.decision.Act.TakeOutOfService;
import dev.glidepath.departure.decision.Attempt.State.Done;
import dev.glidepath.departure.decision.Decision.Ending;
import dev.glidepath.departure.decision.Decision.Stage;
import dev.glidepath.drain.plan.DrainPlan;
import dev.glidepath.drain.plan.DrainPlan.AtLastCall;
import dev.glidepath.drain.plan.Horizon;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Owner;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.drain.pod.PodSight.NotListed;
import dev.glidepath.event.Kind;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.Journal.Effect;
import dev.glidepath.node.KubeNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a node whose departure is ours is emptied, until its pods are gone, or time is, or its machine. */
final class DrainCourse {
    /** A pod may yet be bound while the cordon travels to the scheduler. */
    private static final Duration CORDON_TRAVELS = Duration.ofSeconds(5);

    /** Namespaces and volumes are read within a moment of the start. */
    private static final Duration INFORMED_SOON = Duration.ofSeconds(1);

    /** How long a machine that is off may take to be seen off by the cluster, and its pods and volumes to be freed. */
    private static final Duration FREEING_TAKES = Duration.ofMinutes(10);

    private final Question question;
    private final KubeNode node;
    private final Journal journal;
    private final List<Cause> causes;
    private final boolean braked;
    private final Sight sight;
    private final Attempts attempts;
    private final Instant now;
    private final Agenda agenda;
    private final Instant until;
    private final Horizon horizon;
    private final Presence presence;
    private final DrainPlan plan;
    private Stage stage;

    /**
     * @param journal what the node remembers
     * @param causes those that are due
     * @param braked whether only those at their last call go
     */
    DrainCourse(
            Question question,
            KubeNode node,
            Journal journal,
            Deadlines deadlines,
            List<Cause> causes,
            boolean braked) {
        this.question = question;
        this.node = node;
        this.journal = journal;
        this.causes = causes;
        this.braked = braked;
        this.sight = question.sight();
        this.attempts = question.attempts();
        this.now = question.now();
        this.agenda = question.agenda();
        this.until = deadlines.earliest();
        this.horizon = deadlines.horizon(now);
        this.presence = new Presence(sight, now);
        this.plan = sight.pods() instanceof Listed(List<Pod> pods, var _, var _)
                ? DrainPlan.of(pods, given())
                : new DrainPlan(List.of());
        this.stage = new Stage.Draining(until, plan);
    }

    /** How far it is; after {@link #carryOn} or {@link #endWithMachine} gave no ending. */
    Stage stage() {
        return stage;
    }

    /** Goes on with the drain, or tells why it is over. */
    Optional<Ending> carryOn() {
        Turns turns =
                new Turns(plan, horizon, presence, ownersOf(LastCall.class).keySet(), attempts, agenda, now);
        if (isListedTwice() && isDrained()) {
            return Optional.of(Ending.DRAINED);
        }
        if (isListedTwice() && presence.isUnresponsive() && turns.allAnswered()) {
            return Optional.of(Ending.UNRESPONSIVE);
        }
        if (!now.isBefore(until)) {
            return Optional.of(Ending.DEADLINE_PASSED);
        }
        agenda.lookAgainBy(until);
        causes.stream()
                .filter(cause -> cause.effect() == Effect.NONE)
                .map(Deadlines::lapsesAt)
                .forEach(agenda::lookAgainAfter);
        drain(turns);
        return Optional.empty();
    }

    /** Whether the machine is off: EC2 or the cloud provider says so, and the node is not Ready, or its kubelet is silent. */
    boolean isMachineOff() {
        return machineOffSince().isPresent();
    }

    /**
     * With leave, a node that is off is tainted as out of service, so that its pods' objects and volumes are freed without the
     * cluster's own wait of minutes. The taint is ours to take away again.
     *
     * @param ought the journal of this departure
     * @return the ending, when there is nothing more to wait for
     * @see <a href="https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown">Non-graceful
     *     node shutdown</a>
     */
    Optional<Ending> endWithMachine(Journal ought) {
        Instant freedBy = machineOffSince().orElse(now).plus(FREEING_TAKES);
        boolean tainted = journal.changed().contains(Change.OUT_OF_SERVICE);
        boolean enough = !now.isBefore(freedBy)
                || isFreed()
                || attempts.last(PutBackInService.class).isPresent();
        if (!tainted && (enough || !question.policy().outOfServiceTaint())) {
            return Optional.of(Ending.MACHINE_OFF);
        }
        if (tainted && (enough || node.ready())) {
            agenda.owe(new PutBackInService(ought, node.journalText()));
        } else if (!tainted && !node.ready()) {
            agenda.owe(new TakeOutOfService(ought, node.journalText()));
        }
        agenda.owe(new ListPods(1));
        agenda.lookAgainAfter(freedBy);
        stage = new Stage.OutOfService(freedBy);
        return Optional.empty();
    }

    /** What it has come to. */
    Report report() {
        return Report.of(sight, given(), presence, now);
    }

    private Optional<Instant> machineOffSince() {
        Optional<Instant> told = toldToBeOffSince().filter(_ -> isSeenToBeOff());
        return node.shutDown() ? told.or(node::notReadySince) : told;
    }

    /** What was said to be off and looks well may have started again; one that we have tainted is looked after to the end. */
    private boolean isSeenToBeOff() {
        return !node.ready()
                || presence.isKubeletSilent()
                || journal.changed().contains(Change.OUT_OF_SERVICE)
                || attempts.last(PutBackInService.class).isPresent();
    }

    private Optional<Instant> toldToBeOffSince() {
        return causes.stream()
                .filter(cause -> cause.effect() == Effect.ENDED || cause.effect() == Effect.STOPPED)
                .map(Cause::receivedAt)
                .min(Comparator.naturalOrder());
    }

    /** Only of a node that is not Ready, or said to be off, is it in question whether its kubelet is there. */
    private void askKubelet() {
        AskKubelet ask = new AskKubelet();
        if (!node.ready() || toldToBeOffSince().isPresent()) {
            Instant last = attempts.done(ask).map(Done::at).orElse(Instant.MIN);
            agenda.repeatAt(last.plus(Wellness.ASK_AGAIN_AFTER), ask);
        }
    }

    private void drain(Turns turns) {
        askKubelet();
        switch (sight.pods()) {
            case NotListed _ -> agenda.owe(new ListPods(1));
            case Listed(var _, var _, Instant listedAt) -> {
                (sight.isTakenOver() ? plan.pods().stream() : plan.leaving())
                        .flatMap(planned -> Presence.claimsOf(planned.pod()).stream())
                        .forEach(agenda::owe);
                if (waitsForBurst()) {
                    agenda.lookAgainBy(sight.surroundings().drainsFrom());
                } else if (waitsForInformers()) {
                    agenda.lookAgainBy(now.plus(INFORMED_SOON));
                    turns.takeLastCalls();
                } else {
                    takeTurns(turns);
                }
                Instant firstListed =
                        attempts.done(new ListPods(1)).map(Done::at).orElse(listedAt);
                agenda.oweAt(firstListed.plus(CORDON_TRAVELS), new ListPods(2));
                plan.leaving()
                        .flatMap(planned -> Presence.stuckAt(planned.pod()).stream())
                        .forEach(agenda::lookAgainAfter);
                presence.unresponsiveAt().ifPresent(agenda::lookAgainAfter);
            }
        }
    }

    /** While a burst of notices is being cordoned nobody is evicted onto a node that goes as well; unless there is no time. */
    private boolean waitsForBurst() {
        return now.isBefore(sight.surroundings().drainsFrom())
                && !(horizon instanceof Horizon.Going)
                && attempts.tried(OnPod.class).findAny().isEmpty();
    }

    /** A namespace may wish its pods to be left alone; unless there is no time to hear of it. */
    private boolean waitsForInformers() {
        return !sight.isInformed(now) && !(horizon instanceof Horizon.Going);
    }

    private void takeTurns(Turns turns) {
        if (horizon instanceof Horizon.Going) {
            turns.takeAllAtOnce();
        } else if (presence.isUnresponsive()) {
            turns.askEachOnce();
        } else if (braked) {
            turns.takeLastCalls();
        } else {
            turns.take();
        }
    }

    private boolean isListedTwice() {
        return sight.pods() instanceof Listed && attempts.isDone(new ListPods(2));
    }

    private boolean isDrained() {
        return plan.leaving().noneMatch(presence::holds) && presence.volumesDetached();
    }

    private boolean isFreed() {
        return sight.pods() instanceof Listed
                && plan.leaving().findAny().isEmpty()
                && sight.attached().isEmpty();
    }

    private DrainPlan.Given given() {
        return new DrainPlan.Given(
                sight.budgets(),
                horizon,
                question.policy().drain(),
                atLastCall(),
                sight.surroundings().rush(),
                evictedOwners(),
                causes.stream().allMatch(cause -> cause.kind().isVoluntary()));
    }

    private AtLastCall atLastCall() {
        boolean onlyHooksEndIt = causes.stream().allMatch(cause -> cause.kind() == Kind.ASG_TERMINATION);
        if (question.policy().hooks().stay() && onlyHooksEndIt) {
            return AtLastCall.STAY;
        }
        return question.policy().drain().deletes() ? AtLastCall.EVICT_THEN_DELETE : AtLastCall.EVICT;
    }

    private Map<String, Instant> evictedOwners() {
        Map<String, Instant> owners = ownersOf(Act.Evict.class);
        ownersOf(LastCall.class).forEach(owners::putIfAbsent);
        return owners;
    }

    /** A pod that tolerates every taint would be evicted again and again: its owner is remembered, and since when. */
    private Map<String, Instant> ownersOf(Class<? extends OnPod> kind) {
        Map<String, Instant> owners = new HashMap<>();
        if (!(sight.pods() instanceof Listed(List<Pod> pods, List<Pod> gone, var _))) {
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
