package dev.glidepath.departure.execution;

import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.event.InstanceId;
import dev.glidepath.memory.Recent;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What a dry run would have changed, by instance: of the ten thousand that were last asked for. May be used by any thread. */
final class Simulations {
    private static final int MOST = 10_000;

    private final Recent<InstanceId, OfInstance> byInstance = new Recent<>(MOST);

    /** What it would have changed for this instance. */
    OfInstance of(InstanceId instance) {
        return byInstance.getOrPut(instance, OfInstance::new);
    }

    /** Of one instance, across its departures. */
    static final class OfInstance {
        private final Set<PodRef> gone = ConcurrentHashMap.newKeySet();
        private final Map<NodeName, Journaled> journaled = new ConcurrentHashMap<>();

        /**
         * What would stand in one node's journal.
         *
         * @param over the journal that really stands there: as soon as it is another one, there is another writer
         */
        private record Journaled(String over, Journal journal) {}

        /** This pod would have been asked to go. */
        void remove(PodRef pod) {
            gone.add(pod);
        }

        boolean isGone(PodRef pod) {
            return gone.contains(pod);
        }

        /** This would have been written over the journal of this node. */
        void write(KubeNode over, Journal journal) {
            journaled.put(over.name(), new Journaled(over.journalText(), journal));
        }

        /** The node as it would be. */
        KubeNode changed(KubeNode node) {
            return Optional.ofNullable(journaled.get(node.name()))
                    .filter(journaled -> journaled.over().equals(node.journalText()))
                    .map(journaled -> node.withJournal(journaled.journal()))
                    .orElse(node);
        }
    }
}
