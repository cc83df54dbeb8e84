package dev.glidepath.drain.plan;

import dev.glidepath.cluster.LabelSelector;
import dev.glidepath.cluster.LabelSelector.Requirement;
import dev.glidepath.drain.budget.Budget;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** A budget over all pods of the namespace shop, with room for none, one of two desired pods healthy; unless told otherwise. */
final class SampleBudget {
    private final String name;
    private String namespace = "shop";
    private LabelSelector selector = new LabelSelector(List.of());
    private boolean alwaysAllowsUnhealthy;
    private int allowed;
    private Budget.Health health = new Budget.Health(1, 2, 2);
    private boolean current = true;

    private SampleBudget(String name) {
        this.name = name;
    }

    static SampleBudget of(String name) {
        return new SampleBudget(name);
    }

    SampleBudget namespace(String namespace) {
        this.namespace = namespace;
        return this;
    }

    SampleBudget over(String app) {
        selector = new LabelSelector(List.of(new Requirement.In("app", Set.of(app))));
        return this;
    }

    SampleBudget alwaysAllowsUnhealthy() {
        alwaysAllowsUnhealthy = true;
        return this;
    }

    SampleBudget allowed(int allowed) {
        this.allowed = allowed;
        return this;
    }

    SampleBudget healthy(int healthy, int desired) {
        health = new Budget.Health(healthy, desired, Math.max(healthy, desired));
        return this;
    }

    SampleBudget stale() {
        current = false;
        return this;
    }

    Budget build() {
        return new Budget(
                new Budget.Id(namespace, name),
                selector,
                alwaysAllowsUnhealthy,
                allowed,
                health,
                current,
                Set.of(),
                Instant.EPOCH);
    }
}
