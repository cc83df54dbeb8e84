package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.SmallModel.State;
import dev.glidepath.departure.decision.SmallModel.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Goes through all that a {@link SmallModel} can come to, breadth first: the first promise that is found broken is broken in the
 * fewest steps. Each state is kept once, as three numbers: of its world and of its replicas, which are kept once each.
 */
final class Exploration {
    /** Of a story that is printed: the last ones. */
    private static final int MOST_LINES = 60;

    private final SmallModel model;
    private final int mostStates;

    private int[] world = new int[1 << 16];
    private int[] first = new int[1 << 16];
    private int[] second = new int[1 << 16];
    private int[] cameFrom = new int[1 << 16];
    private int count;

    /** Open addressing: the number of a state, and one; 0 where there is none. */
    private int[] table = new int[1 << 18];

    private long transitions;
    private int ends;
    private int depth;

    /** A promise that is broken, and the story of how it came to that. */
    record Broken(String promise, List<String> story) {
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder(promise)
                    .append(", in ")
                    .append(story.size())
                    .append(" steps:");
            int begin = Math.max(0, story.size() - MOST_LINES);
            for (int step = begin; step < story.size(); step++) {
                text.append("\n  ").append(step + 1).append(". ").append(story.get(step));
            }
            return text.toString();
        }
    }

    /**
     * What was gone through.
     *
     * @param ends states after which nothing comes
     * @param depth the most steps from the start to any of the states, by the shortest way
     * @param isWhole whether nothing was left out
     */
    record Found(int states, long transitions, int ends, int depth, boolean isWhole, Optional<Broken> broken) {}

    Exploration(SmallModel model, int mostStates) {
        this.model = model;
        this.mostStates = mostStates;
    }

    /** Goes through all of it, until a promise is broken or there are too many states. */
    Found explore() {
        int start = add(model.start(), -1);
        if (start != 0) {
            throw new IllegalStateException("explored before");
        }
        int endOfLevel = 1;
        for (int at = 0; at < count && at < mostStates; at++) {
            if (at == endOfLevel) {
                depth++;
                endOfLevel = count;
            }
            State state = state(at);
            List<Step> steps = model.next(state);
            transitions += steps.size();
            if (steps.isEmpty()) {
                ends++;
                Optional<String> promise = model.brokenAtEnd(state);
                if (promise.isPresent()) {
                    return found(false, Optional.of(new Broken(promise.get(), story(at))));
                }
            }
            for (Step step : steps) {
                if (step.broken().isPresent()) {
                    List<String> story = story(at);
                    story.add(line(state, step));
                    return found(false, Optional.of(new Broken(step.broken().get(), story)));
                }
                add(step.state(), at);
            }
        }
        return found(count <= mostStates, Optional.empty());
    }

    private Found found(boolean isWhole, Optional<Broken> broken) {
        return new Found(count, transitions, ends, depth, isWhole, broken);
    }

    private List<String> story(int end) {
        List<Integer> path = new ArrayList<>();
        for (int at = end; at >= 0; at = cameFrom[at]) {
            path.add(at);
        }
        Collections.reverse(path);
        List<String> story = new ArrayList<>();
        for (int step = 1; step < path.size(); step++) {
            State before = state(path.get(step - 1));
            State after = state(path.get(step));
            story.add(model.next(before).stream()
                    .filter(each -> each.state().equals(after))
                    .findFirst()
                    .map(each -> line(before, each))
                    .orElseThrow());
        }
        return story;
    }

    private String line(State before, Step step) {
        Duration since =
                Duration.between(SmallModel.START, model.world(step.state()).now());
        return model.world(before).now().equals(model.world(step.state()).now())
                ? step.what()
                : step.what() + ": it is " + since.toMillis() / 1000.0 + " s";
    }

    private State state(int at) {
        return new State(world[at], first[at], second[at]);
    }

    /** Returns the number of the state, whether or not it is new. */
    private int add(State state, int from) {
        int slot = slot(state.world(), state.first(), state.second());
        if (table[slot] != 0) {
            return table[slot] - 1;
        }
        if (count == world.length) {
            world = Arrays.copyOf(world, 2 * count);
            first = Arrays.copyOf(first, 2 * count);
            second = Arrays.copyOf(second, 2 * count);
            cameFrom = Arrays.copyOf(cameFrom, 2 * count);
        }
        world[count] = state.world();
        first[count] = state.first();
        second[count] = state.second();
        cameFrom[count] = from;
        table[slot] = ++count;
        if (count > table.length / 2) {
            grow();
        }
        return count - 1;
    }

    private int slot(int inWorlds, int inFirst, int inSecond) {
        long mixed = (inWorlds * 0x9E3779B97F4A7C15L + inFirst) * 0xC2B2AE3D27D4EB4FL + inSecond;
        mixed *= 0xD6E8FEB86659FD93L;
        int slot = (int) (mixed >>> 32) & (table.length - 1);
        while (table[slot] != 0) {
            int at = table[slot] - 1;
            if (world[at] == inWorlds && first[at] == inFirst && second[at] == inSecond) {
                return slot;
            }
            slot = (slot + 1) & (table.length - 1);
        }
        return slot;
    }

    private void grow() {
        table = new int[2 * table.length];
        for (int at = 0; at < count; at++) {
            table[slot(world[at], first[at], second[at])] = at + 1;
        }
    }
}
