package dev.glidepath.demo;

import dev.glidepath.demo.Demo.Notice;
import dev.glidepath.demo.Demo.Parts;
import dev.glidepath.demo.Screen.Ink;
import dev.glidepath.lab.AutoScalingStandIn.ActionState.Completed;
import dev.glidepath.lab.AutoScalingStandIn.Call;
import dev.glidepath.lab.LabNode;
import dev.glidepath.lab.Unavailability;
import dev.glidepath.lab.Workload;
import dev.glidepath.lifecycle.HookResult;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What came of it: a row for each node that was taken, and every promise checked against what is there now. */
final class Outcome {
    /** So many were sent for each node. */
    private static final int MESSAGES_EACH = 1;

    private final Scenery scenery;
    private final Parts parts;
    private final Notice notice;
    private final List<Guard> guards;
    private final Set<String> agentsBefore;
    private final List<Evidence> evidence;

    /**
     * A promise.
     *
     * @param seen what was found, in words that fit whether it held or not
     */
    private record Claim(boolean held, String promise, String seen) {}

    /**
     * A workload with a budget.
     *
     * @param watch over its pods since before the notice
     */
    record Guard(Workload workload, Unavailability watch) {}

    /**
     * @param evidence of each node that was taken
     * @param guards one for each workload with a budget
     * @param agentsBefore the uids of the DaemonSet's pods before the notice
     */
    Outcome(
            Scenery scenery,
            Parts parts,
            Notice notice,
            List<Evidence> evidence,
            List<Guard> guards,
            Set<String> agentsBefore) {
        this.scenery = scenery;
        this.parts = parts;
        this.notice = notice;
        this.evidence = evidence;
        this.guards = guards;
        this.agentsBefore = agentsBefore;
    }

    /** Prints the table. */
    void printTo(Screen screen) {
        var table = new Table(
                "node",
                "cordoned\nafter",
                "pods\nevicted",
                "held back for at most,\nby which budget",
                "replacements\nReady",
                "hook\ncompleted after",
                "messages\nleft");
        for (Evidence of : evidence) {
            table.row(
                    Scenery.shortName(of.node()),
                    of.cordonedAt().map(this::since).orElse("never"),
                    Integer.toString(of.evicted()),
                    heldBack(of),
                    "%d of %d".formatted(of.replaced(), of.leavers().size()),
                    hook(of.node()),
                    Integer.toString(MESSAGES_EACH - of.messagesDeleted()));
        }
        table.printTo(screen);
    }

    /** Checks and prints every promise, and tells whether all of them held. */
    boolean check(Screen screen) {
        var claims = List.of(
                cordoned(),
                emptied(),
                daemonSetStayed(),
                budgetsHeld(),
                replaced(),
                hookCompleted(),
                messagesDeleted());
        var table = new Table("", "promise", "what was seen");
        claims.forEach(claim -> table.row(
                claim.held() ? Ink.GREEN : Ink.RED, claim.held() ? "held" : "BROKEN", claim.promise(), claim.seen()));
        table.printTo(screen);
        return claims.stream().allMatch(Claim::held);
    }

    private Claim cordoned() {
        var cordoned =
                scenery.nodes().stream().filter(scenery.cluster()::isCordoned).toList();
        return new Claim(
                cordoned.equals(scenery.doomed()),
                "both nodes are cordoned, the third is not",
                cordoned.isEmpty()
                        ? "none is"
                        : cordoned.stream().map(Scenery::shortName).collect(Collectors.joining(", ")));
    }

    private Claim emptied() {
        int left = scenery.doomed().stream()
                .mapToInt(node -> scenery.movablePodsOn(node).size())
                .sum();
        return new Claim(
                left == 0 && evidence.stream().allMatch(of -> of.ending().equals("drained")),
                "every pod that can move has left them",
                "%d are there; Glidepath says: %s"
                        .formatted(left, evidence.stream().map(Evidence::ending).collect(Collectors.joining(", "))));
    }

    private Claim daemonSetStayed() {
        var there = scenery.agent().pods().stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .filter(Readiness::isPodReady)
                .map(pod -> pod.getMetadata().getUid())
                .collect(Collectors.toSet());
        return new Claim(
                there.equals(agentsBefore),
                "the DaemonSet's pods stayed",
                "%d of %d are the same as before"
                        .formatted(agentsBefore.stream().filter(there::contains).count(), agentsBefore.size()));
    }

    private Claim budgetsHeld() {
        return new Claim(
                guards.stream().allMatch(guard -> guard.watch().mostAtOnce() <= Scenery.MOST_AWAY),
                "no budget was exceeded at any moment",
                guards.stream()
                        .map(guard -> "%s %d of %d"
                                .formatted(
                                        guard.workload().name(),
                                        guard.watch().mostAtOnce(),
                                        guard.workload().desired()))
                        .collect(Collectors.joining(", ", "away at most: ", "")));
    }

    private Claim replaced() {
        return new Claim(
                scenery.deployments().stream().allMatch(workload -> readyElsewhere(workload) == workload.desired()),
                "every workload is whole again on the third",
                scenery.deployments().stream()
                        .map(workload ->
                                "%s %d of %d".formatted(workload.name(), readyElsewhere(workload), workload.desired()))
                        .collect(Collectors.joining(", ")));
    }

    private Claim hookCompleted() {
        var of = evidenceOf(scenery.scaledIn());
        var calls = parts.autoScaling().calls("CompleteLifecycleAction");
        boolean once = calls.size() == 1
                && parts.autoScaling().completionsOf(notice.action()).equals(calls)
                && parts.autoScaling().stateOf(notice.action()) instanceof Completed(HookResult result, var _)
                && result == HookResult.CONTINUE;
        return new Claim(
                once && calls.stream().map(Call::at).allMatch(of::isAfterTheLastPod),
                "hook completed once, after the last pod",
                calls.isEmpty()
                        ? "no call"
                        : "%d call, at +%s; last pod gone at %s"
                                .formatted(
                                        calls.size(),
                                        since(calls.getFirst().at()),
                                        of.lastPodGoneAt()
                                                .map(at -> "+" + since(at))
                                                .orElse("no time")));
    }

    private Claim messagesDeleted() {
        int left = parts.queue().visible() + parts.queue().inFlight();
        return new Claim(
                left == 0
                        && evidence.stream()
                                .allMatch(of -> of.messagesDeleted() == MESSAGES_EACH && of.messageOutlivedThePods()),
                "messages deleted, each after its last pod",
                "%d left in the queue".formatted(left));
    }

    private Evidence evidenceOf(LabNode node) {
        return evidence.stream()
                .filter(of -> of.node().equals(node))
                .findFirst()
                .orElseThrow();
    }

    private long readyElsewhere(Workload workload) {
        return workload.podsOn(scenery.fresh()).stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .filter(Readiness::isPodReady)
                .count();
    }

    private static String heldBack(Evidence of) {
        var byBudget = of.heldBackByBudget();
        return byBudget.isEmpty()
                ? "not at all"
                : byBudget.entrySet().stream()
                        .map(entry -> "%s, %s".formatted(Timeline.seconds(entry.getValue()), entry.getKey()))
                        .collect(Collectors.joining("\n"));
    }

    private String hook(LabNode node) {
        if (!node.equals(scenery.scaledIn())) {
            return "(has none)";
        }
        return parts.autoScaling().stateOf(notice.action()) instanceof Completed(var _, Instant at)
                ? since(at)
                : "never";
    }

    private String since(Instant at) {
        return Timeline.seconds(Duration.between(notice.at(), at));
    }
}
