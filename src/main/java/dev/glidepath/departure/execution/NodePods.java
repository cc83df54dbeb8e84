package dev.glidepath.departure.execution;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.watch.Watcher;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.departure.action.Outcome.Overloaded;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.sharing.PodLists;
import dev.glidepath.departure.sharing.PodRoom;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.drain.pod.PodSight.Listed;
import dev.glidepath.drain.pod.PodsOnNode;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.NodeSight.Present;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** The pods on the node of one departure: listed as soon as there is room for them, and watched from then on. */
final class NodePods implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(NodePods.class);

    private final Supplier<NodeSight> node;
    private final Watcher watcher;
    private final Authority authority;
    private final PodLists lists;
    private final Runnable onChange;
    private final AtomicReference<Optional<Watched>> watched = new AtomicReference<>(Optional.empty());
    private volatile boolean closed;

    /** The pods of the node, and the room they take. */
    private record Watched(PodsOnNode pods, PodRoom.Share share) implements AutoCloseable {
        @Override
        public void close() {
            pods.close();
            share.close();
        }
    }

    /**
     * @param node asked for the node whenever it matters
     * @param lists lets lists of pods be read
     * @param onChange called when the pods on the node have changed
     */
    NodePods(Supplier<NodeSight> node, Watcher watcher, Authority authority, PodLists lists, Runnable onChange) {
        this.node = node;
        this.watcher = watcher;
        this.authority = authority;
        this.lists = lists;
        this.onChange = onChange;
    }

    /** What can be seen of them now. */
    PodSight sight() {
        return watched.get().map(Watched::pods).map(PodsOnNode::sight).orElseGet(PodSight.NotListed::new);
    }

    /**
     * Lists them, and begins to watch them.
     *
     * @param round which list of this node's pods it is, the first or a later one
     */
    Outcome list(int round) throws InterruptedException {
        if (!(node.get() instanceof Present)) {
            return NodeActions.NOT_THERE;
        }
        Optional<Watched> begun = awaitRoom();
        if (begun.isEmpty()) {
            return new NotSent("there is nothing to list them for any more");
        }
        lists.begin(round);
        try {
            return authority.hasEnded() ? new NotSent("the program stops") : list(begun.get());
        } catch (ApiServer.Refused refused) {
            String why = String.valueOf(refused.getMessage());
            if (refused.isDenied()) {
                return new Forbidden("may not list pods: the ClusterRole needs pods: list, watch");
            }
            return refused.isBusy() ? new Overloaded(why, refused.retryAfter()) : new Retry(why);
        } catch (IOException failed) {
            return new Retry(String.valueOf(failed.getMessage()));
        } finally {
            lists.end();
            if (begun.get().pods().sight() instanceof PodSight.NotListed) {
                rest(); // others may use the room meanwhile
            }
        }
    }

    /** The pods that are watched; where none are, as soon as there is room for them. Nothing when the departure is over. */
    private Optional<Watched> awaitRoom() throws InterruptedException {
        boolean isLogged = false;
        while (watched.get().isEmpty()
                && !closed
                && !authority.hasEnded()
                && node.get() instanceof Present(KubeNode present)) {
            Optional<PodRoom.Share> share = lists.room(goneAt(present));
            share.ifPresent(taken -> watch(present.name(), taken));
            if (share.isEmpty() && !isLogged) {
                LOG.infof("the pods of %s are listed as soon as there is memory for them", present.name());
                isLogged = true;
            }
        }
        return watched.get();
    }

    private static Instant goneAt(KubeNode node) {
        return node.journal().flatMap(Journal::term).map(Journal.Term::deadline).orElse(Instant.MAX);
    }

    private void watch(NodeName name, PodRoom.Share share) {
        Watched begun = new Watched(new PodsOnNode(watcher, name.value(), onChange), share);
        Optional<Watched> kept = watched.updateAndGet(before -> before.or(() -> Optional.of(begun)));
        if (kept.filter(begun::equals).isEmpty()) {
            begun.close();
        }
    }

    private Outcome list(Watched begun) throws IOException, InterruptedException {
        if (closed) {
            rest(); // or what was opened just now would never be closed
            return new NotSent("the departure is over");
        }
        begun.pods().list();
        if (begun.pods().sight() instanceof Listed(List<Pod> there, List<Pod> gone, var _)) {
            begun.share().holds(there.size() + gone.size());
        }
        return watched.get().filter(begun::equals).isPresent()
                ? new Succeeded()
                : new Retry("nobody looks at these pods any more");
    }

    /** Watches them no more, until they are listed again. */
    void rest() {
        watched.getAndSet(Optional.empty()).ifPresent(Watched::close);
    }

    /** Watches them no more: the departure is over. */
    @Override
    public void close() {
        closed = true;
        rest();
    }
}
