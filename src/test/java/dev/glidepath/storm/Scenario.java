package dev.glidepath.storm;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * A storm to be measured.
 *
 * @param name of its file, and what {@code make storm STORM=…} calls it
 * @param nodes that are all interrupted at the same moment
 * @param podsPerNode bare pods, which nothing replaces
 * @param graceSeconds the pods' own grace period; each of them ends one second after its SIGTERM
 * @param budgets the share of the nodes, from 0 to 1, whose pods are under a budget, which always has room
 * @param noise messages about instances that are no nodes of this cluster, among the others
 * @param cpus what the handler may use of the machine, in cores; 0 for all there is
 * @param memory what the handler may use, in MiB
 */
record Scenario(
        String name, int nodes, int podsPerNode, int graceSeconds, double budgets, int noise, double cpus, int memory) {
    /** The chart's limit. */
    static final int CHART_MEMORY = 256;

    private static final int GRACE = 30;

    /** Those that have a name. */
    static final List<Scenario> NAMED = List.of(
            new Scenario("50x30", 50, 30, GRACE, 0, 0, 0, CHART_MEMORY),
            new Scenario("300x30", 300, 30, GRACE, 0, 2_000, 0, CHART_MEMORY),
            new Scenario("50x30-quarter-core", 50, 30, GRACE, 0, 0, 0.25, CHART_MEMORY));

    Scenario {
        if (nodes < 1 || podsPerNode < 1 || graceSeconds < 0 || noise < 0 || cpus < 0 || memory < 1) {
            throw new IllegalArgumentException(
                    "a storm of " + nodes + " nodes with " + podsPerNode + " pods each is none");
        }
        if (budgets < 0 || budgets > 1) {
            throw new IllegalArgumentException("BUDGETS is " + budgets + ": it is a share, from 0 to 1");
        }
    }

    int pods() {
        return nodes * podsPerNode;
    }

    Duration grace() {
        return Duration.ofSeconds(graceSeconds);
    }

    OptionalDouble limitOfCpus() {
        return cpus > 0 ? OptionalDouble.of(cpus) : OptionalDouble.empty();
    }

    /** In words, for a heading. */
    String title() {
        return "%d nodes × %d pods%s%s%s%s"
                .formatted(
                        nodes,
                        podsPerNode,
                        graceSeconds == GRACE ? "" : ", grace of " + graceSeconds + " s",
                        budgets == 0
                                ? ""
                                : String.format(Locale.ROOT, ", budgets on %.0f %% of the nodes", budgets * 100),
                        noise == 0 ? "" : String.format(Locale.ROOT, ", %,d messages of foreign instances", noise),
                        cpus == 0 ? "" : ", %s of a core".formatted(cpus));
    }
}
