package dev.glidepath.drain.budget;

import dev.glidepath.apiserver.watch.ReducedInformer;
import dev.glidepath.apiserver.watch.ReducedInformer.Watching;
import dev.glidepath.apiserver.watch.Watch;
import dev.glidepath.apiserver.watch.Watcher;
import java.util.List;
import java.util.function.Consumer;

/** The cluster's PodDisruptionBudgets, kept by an informer: that one has room again costs no call, and no retry finds it out. */
public final class Budgets implements AutoCloseable {
    private final ReducedInformer<Budget> budgets;

    /** Nothing is asked of the API server before {@link #start}. */
    public Budgets(Watcher watcher) {
        budgets = new ReducedInformer<>(
                watcher,
                Watch.Kind.all(
                        "/apis/policy/v1/poddisruptionbudgets",
                        "PodDisruptionBudgets",
                        BudgetReader.READS,
                        budget -> BudgetReader.read(budget, watcher.clock().instant())),
                budget -> budget.id().namespace());
    }

    /** Begins to list and watch, and goes on trying for as long as it takes. */
    public void start() {
        budgets.start();
    }

    /** How well they are watched. */
    public Watching watching() {
        return budgets.watching();
    }

    /** The budgets of a namespace, by name. */
    public List<Budget> in(String namespace) {
        return budgets.in(namespace);
    }

    /** Tells of each budget that is new or has changed, on the informer's thread: be brief. */
    public void onChange(Consumer<Budget> listener) {
        budgets.onChange(listener);
    }

    /** Tells of each budget that is gone, on the informer's thread: be brief. */
    public void onRemoval(Consumer<Budget.Id> listener) {
        budgets.onRemoval(budget -> listener.accept(budget.id()));
    }

    @Override
    public void close() {
        budgets.close();
    }
}
