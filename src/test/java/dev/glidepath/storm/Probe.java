package dev.glidepath.storm;

import java.util.List;

/** Something else than a storm that is measured, beside a reference of its own. */
sealed interface Probe permits SingleNotices, ForeignMessages, IdleNodes {
    /** Those that have a name. */
    List<Probe> NAMED =
            List.of(new SingleNotices(20, 30), new ForeignMessages(15_000, 5_000), new IdleNodes(5_000, 2_000));

    /** Of its file, and what {@code make storm STORM=…} calls it. */
    String name();

    /** In words, for a heading. */
    String title();

    /** What is measured, and what the reference is, in a sentence or two. */
    String description();

    /** Measures it once, both one after the other. Each run gives the same figures in the same order. */
    List<Reading> run(Bench bench) throws Exception;
}
