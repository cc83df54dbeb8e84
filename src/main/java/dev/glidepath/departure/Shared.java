package dev.glidepath.departure;

import dev.glidepath.departure.snapshot.ClusterConditions;
import dev.glidepath.departure.snapshot.Notice;
import dev.glidepath.drain.pod.Namespaces;
import dev.glidepath.drain.volume.Attachments;
import dev.glidepath.event.InstanceId;
import dev.glidepath.node.Journal;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.NodeSight.Present;
import dev.glidepath.node.Nodes;
import java.util.List;
import java.util.stream.Stream;

/** What departures have in common, and know of each other. */
record Shared(
        Rush rush,
        Burst burst,
        Brake brake,
        HookWaits hookWaits,
        Admission looks,
        Pace pace,
        Nodes nodes,
        Namespaces namespaces,
        Attachments attachments,
        Ability ability) {

    /** What a departure sees of the others. All nodes are looked at only for the sake of one that nothing forces. */
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
                rush.before(instance),
                burst.drainsFrom(instance),
                voluntary && brake.holds(instance, nodes.all()),
                hookWaits.areTooMany(),
                ability.seesTheCluster(),
                namespaces.isSynced() && attachments.isSynced());
    }
}
