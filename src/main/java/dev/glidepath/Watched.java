package dev.glidepath;

import dev.glidepath.apiserver.watch.ReducedInformer.Watching;
import dev.glidepath.drain.budget.Budgets;
import dev.glidepath.drain.pod.Namespaces;
import dev.glidepath.drain.volume.Attachments;
import dev.glidepath.node.Nodes;
import dev.glidepath.replica.Replicas;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** What is watched all the time, whether or not a node departs. */
record Watched(Nodes nodes, Replicas replicas, Namespaces namespaces, Budgets budgets, Attachments attachments)
        implements AutoCloseable {

    /** A watch that is well is heard more often: by events, by a bookmark a minute, or by being opened again. */
    private static final Duration FRESH_FOR = Duration.ofSeconds(90);

    /**
     * Begins to watch, and goes on trying for as long as it takes.
     *
     * @param onNodesKnown called once, when all nodes are known; the rest follows within the same moment, and what is decided
     *     without it the API server's answers correct
     * @param onReplicasKnown called once, when the Leases of replicas are known
     */
    void start(Runnable onNodesKnown, Runnable onReplicasKnown) {
        replicas.start(onReplicasKnown);
        namespaces.start();
        budgets.start();
        attachments.start();
        nodes.start(onNodesKnown);
    }

    /**
     * What is not shown as it is now, and has to be for anything to be begun: nodes, and who else works on them; each in words.
     * Without the rest a departure does with less, for the API server's answers correct it.
     */
    List<String> unseen() {
        return Stream.concat(
                        unknown(Stream.of(nodes.watching())), silent(Stream.of(nodes.watching(), replicas.watching())))
                .toList();
    }

    /** What is not known yet, or, of what a departure can do without, is not known any more; each in words. */
    List<String> unknown() {
        return Stream.concat(unknown(all()), silent(rest())).toList();
    }

    @Override
    public void close() {
        nodes.close();
        replicas.close();
        namespaces.close();
        budgets.close();
        attachments.close();
    }

    private Stream<Watching> all() {
        return Stream.concat(Stream.of(nodes.watching(), replicas.watching()), rest());
    }

    private Stream<Watching> rest() {
        return Stream.of(namespaces.watching(), budgets.watching(), attachments.watching());
    }

    private static Stream<String> unknown(Stream<Watching> some) {
        return some.filter(watching -> !watching.synced())
                .map(watching -> "the cluster's " + watching.what()
                        + " are not known yet: is the API server reachable, and may we list " + watching.what() + "?");
    }

    private static Stream<String> silent(Stream<Watching> some) {
        return some.filter(watching -> watching.synced() && watching.silentFor().compareTo(FRESH_FOR) > 0)
                .map(watching -> "nothing was heard of the cluster's " + watching.what() + " for "
                        + watching.silentFor().toSeconds() + " s: is the API server reachable, and may we watch "
                        + watching.what() + "?");
    }
}
