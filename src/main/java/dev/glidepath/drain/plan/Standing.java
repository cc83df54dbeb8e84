package dev.glidepath.drain.plan;

import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Phase;
import dev.glidepath.drain.pod.Pod.Trait;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * How a pod stands with the budgets that cover it: what the API server would say if it were asked now, as far as can be seen.
 *
 * @see <a href="https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy">Unhealthy pod
 *     eviction policy</a>
 */
public sealed interface Standing {
    /** No budget is asked: none covers the pod, or its state lets it go past them. */
    record Free() implements Standing {}

    /** Its budget has room. */
    record Room(Budget budget) implements Standing {}

    /**
     * Its budget has none.
     *
     * @param unhealthy whether the pod could go if the budget let pods go that are not Ready
     */
    record Full(Budget budget, boolean unhealthy) implements Standing {}

    /** Its budget has not been reckoned with since it was last changed. */
    record Stale(Budget budget) implements Standing {}

    /** More than one budget covers it, which the eviction API refuses whatever their room. */
    record Several(List<Budget> budgets) implements Standing {
        public Several {
            budgets = List.copyOf(budgets);
        }
    }

    /** The budgets it speaks of. */
    default List<Budget> budgets() {
        return switch (this) {
            case Free _ -> List.of();
            case Room(Budget budget) -> List.of(budget);
            case Full(Budget budget, var _) -> List.of(budget);
            case Stale(Budget budget) -> List.of(budget);
            case Several(List<Budget> budgets) -> budgets;
        };
    }

    /** Where a pod stands among these budgets. */
    static Standing of(Pod pod, Collection<Budget> budgets) {
        if (pod.phase() == Phase.PENDING || pod.finished() || pod.terminating()) {
            return new Free();
        }
        List<Budget> covering = new ArrayList<>(1);
        for (Budget budget : budgets) {
            if (budget.covers(pod)) {
                covering.add(budget);
            }
        }
        return switch (covering.size()) {
            case 0 -> new Free();
            case 1 -> under(covering.getFirst(), pod);
            default -> new Several(covering);
        };
    }

    private static Standing under(Budget budget, Pod pod) {
        boolean unhealthy = !pod.is(Trait.READY);
        if (unhealthy && letsUnhealthyGo(budget)) {
            return new Free();
        }
        if (!budget.current()) {
            return new Stale(budget);
        }
        return budget.allowed() > 0 ? new Room(budget) : new Full(budget, unhealthy);
    }

    private static boolean letsUnhealthyGo(Budget budget) {
        boolean enoughWithoutIt = budget.health().desired() > 0
                && budget.health().healthy() >= budget.health().desired();
        return budget.alwaysAllowsUnhealthy() || enoughWithoutIt;
    }
}
