package dev.glidepath.departure;

import dev.glidepath.departure.execution.ClusterSources;
import dev.glidepath.departure.sharing.Admission;
import dev.glidepath.departure.sharing.Burst;
import dev.glidepath.departure.sharing.EvictionBacklog;
import dev.glidepath.departure.sharing.HookWaits;
import dev.glidepath.departure.sharing.Pace;
import dev.glidepath.departure.sharing.VoluntaryDisruptionLimit;
import dev.glidepath.departure.snapshot.ClusterConditions;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.NodeSight.Present;
import java.util.List;
import java.util.stream.Stream;

/** What departures have in common, and know of each other. */
record Shared(
        EvictionBacklog backlog,
        Burst burst,
        VoluntaryDisruptionLimit limit,
        HookWaits hookWaits,
        Admission looks,
        Pace pace,
        ClusterSources sources,
        Ability ability) {

    /** What a departure sees of the others. All nodes are looked at only for one that nothing forces to go. */
    ClusterConditions conditions(InstanceId instance, NodeSight node, List<Notice> notices) {
        boolean voluntary = Stream.concat(
                        notices.stream().map(notice -> notice.interruption().kind()),
                        node instanceof Present(KubeNode present)
                                ? present.journal().stream()
                                        .flatMap(journal -> journal.causes().stream())
                                        .map(Journal.Cause::kind)
                                : Stream.empty())
                .anyMatch(kind -> kind.isVoluntary());
        return new ClusterConditions(
                backlog.before(instance),
                burst.drainsFrom(instance),
                voluntary && limit.holds(instance, sources.nodes().all()),
                hookWaits.areTooMany(),
                ability.seesTheCluster(),
                sources.namespaces().isSynced() && sources.attachments().isSynced());
    }
}
