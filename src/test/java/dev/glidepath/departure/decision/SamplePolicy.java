package dev.glidepath.departure.decision;

import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.departure.snapshot.Policy.HookPolicy;
import dev.glidepath.drain.plan.DrainPolicy;
import dev.glidepath.drain.plan.Waves;
import dev.glidepath.event.Kind;
import dev.glidepath.event.Response;
import dev.glidepath.lifecycle.AtDeadline;
import dev.glidepath.lifecycle.HookOwnership;
import dev.glidepath.node.NodeSelector;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The standard policy, but for one thing. */
final class SamplePolicy {
    private static final Policy STANDARD = Policy.standard();
    private static final DrainPolicy DRAIN = STANDARD.drain();

    private SamplePolicy() {}

    static Policy waves(String table) {
        return drain(new DrainPolicy(
                Waves.parse(table).orElseThrow(), DRAIN.evictEmptyDir(), DRAIN.deletes(), DRAIN.self()));
    }

    static Policy self(String name) {
        return drain(new DrainPolicy(
                DRAIN.waves(), DRAIN.evictEmptyDir(), DRAIN.deletes(), new DrainPolicy.Self("shop", name)));
    }

    static Policy withoutDeletes() {
        return drain(new DrainPolicy(DRAIN.waves(), DRAIN.evictEmptyDir(), false, DRAIN.self()));
    }

    static Policy atDeadline(AtDeadline atDeadline) {
        return STANDARD.with(hooks(atDeadline, false));
    }

    static Policy stay() {
        return STANDARD.with(hooks(AtDeadline.EXPIRE, true));
    }

    static Policy outOfServiceTaint() {
        return new Policy(
                STANDARD.responses(),
                STANDARD.nodes(),
                STANDARD.nodeWait(),
                STANDARD.leadTime(),
                STANDARD.drain(),
                STANDARD.hooks(),
                true);
    }

    static Policy responding(Kind kind, Response response) {
        return STANDARD.with(Map.of(kind, response));
    }

    static Policy selecting(String nodes) {
        return new Policy(
                STANDARD.responses(),
                NodeSelector.parse(nodes).orElseThrow(),
                STANDARD.nodeWait(),
                STANDARD.leadTime(),
                STANDARD.drain(),
                STANDARD.hooks(),
                STANDARD.outOfServiceTaint());
    }

    static Policy owning(Set<String> names, List<String> groupGlobs, String queueArn) {
        HookPolicy hooks = STANDARD.hooks();
        return STANDARD.with(new HookPolicy(
                new HookOwnership(names, groupGlobs, Optional.of(queueArn)),
                hooks.allowance(),
                hooks.atDeadline(),
                hooks.stay()));
    }

    static HookPolicy hooks(AtDeadline atDeadline, boolean stay) {
        return new HookPolicy(STANDARD.hooks().ownership(), STANDARD.hooks().allowance(), atDeadline, stay);
    }

    /** The same, and the hooks of that group are ours though the instance is no node of this cluster. */
    static HookPolicy ofGroup(String group, HookPolicy hooks) {
        HookOwnership ownership = hooks.ownership();
        return new HookPolicy(
                new HookOwnership(ownership.names(), List.of(group), ownership.queueArn()),
                hooks.allowance(),
                hooks.atDeadline(),
                hooks.stay());
    }

    private static Policy drain(DrainPolicy drain) {
        return STANDARD.with(drain);
    }
}
