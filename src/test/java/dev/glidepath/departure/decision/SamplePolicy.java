package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Policy.AtDeadline;
import dev.glidepath.departure.decision.Policy.HookPolicy;
import dev.glidepath.drain.plan.DrainPolicy;
import dev.glidepath.drain.plan.Waves;

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
        return hooks(new HookPolicy(atDeadline, false));
    }

    static Policy stay() {
        return hooks(new HookPolicy(AtDeadline.EXPIRE, true));
    }

    static Policy outOfServiceTaint() {
        return new Policy(STANDARD.nodeWait(), STANDARD.hookAllowance(), STANDARD.drain(), STANDARD.hooks(), true);
    }

    private static Policy drain(DrainPolicy drain) {
        return new Policy(STANDARD.nodeWait(), STANDARD.hookAllowance(), drain, STANDARD.hooks(), false);
    }

    private static Policy hooks(HookPolicy hooks) {
        return new Policy(STANDARD.nodeWait(), STANDARD.hookAllowance(), STANDARD.drain(), hooks, false);
    }
}
