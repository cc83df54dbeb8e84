package dev.glidepath.lifecycle;

import dev.glidepath.lifecycle.HookLookup.Found;
import dev.glidepath.lifecycle.HookLookup.NoSuchHook;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Function;

/**
 * What was answered when a group's hooks were last asked for. Those who ask for one group at the same time share one question;
 * what failed is not remembered.
 */
final class HookMemory {
    static final Duration GOOD_FOR = Duration.ofMinutes(5);
    /** A hook that is missing in an answer older than this may have been made since. */
    static final Duration COMPLETE_FOR = Duration.ofSeconds(15);
    /** Twice the groups an account may have in a region by default. */
    private static final int GROUPS_AT_MOST = 1_000;

    /** The hooks of one group by name, or why they are not known. */
    sealed interface Answer {
        record Hooks(Map<String, Found> byName, Instant at) implements Answer {
            public Hooks {
                byName = Map.copyOf(byName);
            }
        }

        record Unknown(HookTrouble why) implements Answer {}
    }

    private final InstantSource clock;
    private final Function<String, Answer> question;
    private final ConcurrentMap<String, FutureTask<Answer>> byGroup = new ConcurrentHashMap<>();

    /** @param question asks for a group's hooks; never throws */
    HookMemory(InstantSource clock, Function<String, Answer> question) {
        this.clock = clock;
        this.question = question;
    }

    HookLookup lookUp(String group, String hook) {
        if (byGroup.size() >= GROUPS_AT_MOST) {
            byGroup.clear();
        }
        var mine = new FutureTask<>(() -> question.apply(group));
        FutureTask<Answer> asked = byGroup.merge(group, mine, (before, now) -> mayAnswer(before, hook) ? before : now);
        asked.run(); // does nothing when it has been started before
        try {
            return switch (asked.get()) {
                case Answer.Hooks(var byName, var at) -> {
                    Found found = byName.get(hook);
                    yield found == null ? new NoSuchHook() : found;
                }
                case Answer.Unknown unknown -> {
                    byGroup.remove(group, asked);
                    yield unknown.why();
                }
            };
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return new HookTrouble.Failed("interrupted while asking for the hooks of " + group);
        } catch (ExecutionException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private boolean mayAnswer(Future<Answer> asked, String hook) {
        if (!asked.isDone()) {
            return true;
        }
        return switch (asked.resultNow()) {
            case Answer.Hooks(var byName, var at) ->
                clock.instant().isBefore(at.plus(byName.containsKey(hook) ? GOOD_FOR : COMPLETE_FOR));
            case Answer.Unknown unknown -> false;
        };
    }
}
