package dev.glidepath.replica;

import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleToken;
import java.util.Map;
import java.util.Set;

/**
 * The lifecycle hooks that are pending here, for whoever comes after us.
 *
 * @param byWitness their instances, by the holder name of the replica that saw their nodes, which may be ours
 * @param tokens of their actions, with what their messages said, as far as they are known; those that do not fit into a Lease come again
 *     with their messages
 */
public record Owed(Map<String, Set<InstanceId>> byWitness, Map<LifecycleToken, ActionNotice> tokens) {
    static final Owed NOTHING = new Owed(Map.of(), Map.of());
}
