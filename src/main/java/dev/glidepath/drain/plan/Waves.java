package dev.glidepath.drain.plan;

import dev.glidepath.drain.plan.Wave.Opens;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which priority goes in which wave.
 *
 * @param rows from the lowest priority to the highest; the first takes whatever is below it, too
 * @see <a href="https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/">Pod priority</a>
 */
public record Waves(List<Row> rows) {
    private static final Pattern ROW = Pattern.compile("(-?[0-9]{1,10}):([0-9]{1,3})%");

    public Waves {
        rows = List.copyOf(rows);
    }

    /** Pods of this priority and more, up to the next row's. */
    public record Row(int leastPriority, Wave wave) {}

    /**
     * All ordinary pods at once, then cluster-critical ones as soon as those were asked, then node-critical ones when all
     * others are gone, for these may be what the others need to end well.
     */
    public static Waves standard() {
        return new Waves(List.of(
                new Row(Integer.MIN_VALUE, new Wave(0, "ordinary", Opens.OTHERS_ASKED, 0)),
                new Row(2_000_000_000, new Wave(1, "cluster-critical", Opens.OTHERS_ASKED, 0)),
                new Row(2_000_001_000, new Wave(2, "node-critical", Opens.OTHERS_GONE, 0))));
    }

    /**
     * Reads a table such as {@code 0:60%,2000000000:25%,2000001000:15%}: priority and share of the time, in any order; or
     * {@code default}, for {@link #standard}. Empty where it is neither, or its shares are more than the whole.
     */
    public static Optional<Waves> parse(String text) {
        if (text.equals("default")) {
            return Optional.of(standard());
        }
        List<Long> priorities = new ArrayList<>();
        List<Integer> shares = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            Matcher row = ROW.matcher(part.strip());
            if (!row.matches()) {
                return Optional.empty();
            }
            priorities.add(Long.valueOf(row.group(1)));
            shares.add(Integer.valueOf(row.group(2)));
        }
        boolean sound = priorities.stream().allMatch(priority -> priority == priority.intValue())
                && priorities.stream().distinct().count() == priorities.size()
                && shares.stream().mapToInt(Integer::intValue).sum() <= 100;
        return sound ? Optional.of(table(priorities, shares)) : Optional.empty();
    }

    /** The wave of a pod with this priority. */
    Wave of(int priority) {
        Wave wave = rows.getFirst().wave();
        for (Row row : rows) {
            if (priority >= row.leastPriority()) {
                wave = row.wave();
            }
        }
        return wave;
    }

    private static Waves table(List<Long> priorities, List<Integer> shares) {
        List<Integer> order = new ArrayList<>();
        for (int row = 0; row < priorities.size(); row++) {
            order.add(row);
        }
        order.sort(Comparator.comparing(priorities::get));
        List<Row> rows = new ArrayList<>();
        for (int row : order) {
            int least = priorities.get(row).intValue();
            rows.add(new Row(
                    least,
                    new Wave(
                            rows.size(),
                            "priority " + least,
                            Opens.OTHERS_GONE_OR_SHARE_SPENT,
                            shares.get(row) / 100.0)));
        }
        return new Waves(rows);
    }
}
