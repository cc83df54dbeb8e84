package dev.glidepath.drain.gate;

import dev.glidepath.drain.eviction.DeletionOutcome;
import dev.glidepath.drain.eviction.EvictionOutcome;
import java.time.Duration;

/** What the gate learns from the outcome of a request. */
sealed interface Answer {
    /** The pod is on its way out, and its budgets have less room. */
    record TakesRoom() implements Answer {}

    /** The API server is busy. */
    record Overloaded(Duration retryAfter) implements Answer {}

    /** No answer in time. It says something about the namespace and the budgets, and nothing about the API server. */
    record TimedOut() implements Answer {}

    /** No answer, or one that says nothing about the pod. */
    record Failed() implements Answer {}

    /** Any other answer: the API server is well, and no budget has less room. */
    record Other() implements Answer {}

    static Answer of(EvictionOutcome outcome) {
        return switch (outcome) {
            case EvictionOutcome.Evicted _ -> new TakesRoom();
            case EvictionOutcome.Overloaded(var _, Duration retryAfter) -> new Overloaded(retryAfter);
            case EvictionOutcome.TimedOut _ -> new TimedOut();
            case EvictionOutcome.Gone _,
                    EvictionOutcome.OtherPod _,
                    EvictionOutcome.BlockedByBudget _,
                    EvictionOutcome.BudgetStale _,
                    EvictionOutcome.BudgetBroken _,
                    EvictionOutcome.SeveralBudgets _,
                    EvictionOutcome.RefusedByPolicy _,
                    EvictionOutcome.NamespaceTerminating _,
                    EvictionOutcome.Forbidden _ -> new Other();
            case EvictionOutcome.Failed _ -> new Failed();
        };
    }

    static Answer of(DeletionOutcome outcome) {
        return switch (outcome) {
            case DeletionOutcome.Deleted _ -> new TakesRoom();
            case DeletionOutcome.Overloaded(var _, Duration retryAfter) -> new Overloaded(retryAfter);
            case DeletionOutcome.TimedOut _ -> new TimedOut();
            case DeletionOutcome.Gone _, DeletionOutcome.Forbidden _, DeletionOutcome.RefusedByPolicy _ -> new Other();
            case DeletionOutcome.Failed _ -> new Failed();
        };
    }
}
