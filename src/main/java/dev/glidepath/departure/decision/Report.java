package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.Evict;
import dev.glidepath.drain.plan.DrainPlan;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a departure has come to. After a restart it tells of what happened since.
 *
 * @param evicted pods that were evicted at our request
 * @param left pods that were to go and are still there
 * @param stay pods that were left alone
 * @param blockedBy the budgets that held pods back
 */
public record Report(int evicted, int left, int stay, Set<String> blockedBy) {

    public Report {
        blockedBy = Set.copyOf(blockedBy);
    }

    static Report of(DrainPlan plan, Attempts attempts) {
        return new Report(
                (int) attempts.landed(Evict.class).count(),
                (int) plan.leaving().count(),
                plan.stay().size(),
                attempts.byAct().values().stream()
                        .map(Attempt::blockedBy)
                        .filter(budget -> !budget.isEmpty())
                        .collect(Collectors.toCollection(TreeSet::new)));
    }
}
