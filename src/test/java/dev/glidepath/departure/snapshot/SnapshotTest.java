package dev.glidepath.departure.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.snapshot.Claim.Holding;
import dev.glidepath.departure.snapshot.Notice.Delivery;
import dev.glidepath.drain.pod.PodSight;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.Interruption.SpotAction;
import dev.glidepath.event.Interruption.SpotInterruption;
import dev.glidepath.event.Kind;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.HookOwnership;
import dev.glidepath.lifecycle.HookOwnership.Told;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Effect;
import dev.glidepath.node.Journal.Hook;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.NodeSight.Present;
import dev.glidepath.node.Readiness;
import dev.glidepath.queue.MessageId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SnapshotTest {
    private static final Instant NOW = Instant.parse("2026-08-24T10:15:00Z");
    private static final InstanceId INSTANCE = new InstanceId("i-0123456789abcdef0");
    private static final LifecycleAction ACTION = new LifecycleAction("workers", "drain", "token-1", INSTANCE);
    private static final LifecycleAction OF_ANOTHER_HOOK = new LifecycleAction("workers", "copy", "token-2", INSTANCE);
    private static final LifecycleAction EARLIER = new LifecycleAction("workers", "drain", "token-0", INSTANCE);
    private static final LifecycleAction OF_ANOTHER_GROUP =
            new LifecycleAction("others", "notify", "token-3", INSTANCE);
    private static final AsgTermination TERMINATION = new AsgTermination(ACTION, NOW, Route.EVENT_BRIDGE, false);
    private static final Interruption SPOT = new SpotInterruption(INSTANCE, NOW, SpotAction.TERMINATE);
    private static final Holding OURS = new Holding.Us();
    private static final Holding ANOTHERS = new Holding.Other("glidepath-1/1", Instant.MAX);

    @Test
    void aHookIsPendingOnceItsActionIsAnnounced() {
        assertThat(snapshot(new Holding.Nobody(), Optional.empty(), Set.of(), TERMINATION)
                        .hasPendingHooks())
                .isTrue();
        assertThat(snapshot(new Holding.Nobody(), Optional.empty(), Set.of(), SPOT)
                        .hasPendingHooks())
                .isFalse();
    }

    @Test
    void aHookInTheJournalIsPendingForItsHolderAlone() {
        assertThat(snapshot(OURS, Optional.of(journal(true)), Set.of()).hasPendingHooks())
                .isTrue();
        assertThat(snapshot(OURS, Optional.of(journal(false)), Set.of()).hasPendingHooks())
                .isFalse();
        assertThat(snapshot(ANOTHERS, Optional.of(journal(true)), Set.of()).hasPendingHooks())
                .isFalse();
    }

    @Test
    void actionsAreThoseAnnouncedAndJournaledUnlessTheHookIsAnothers() {
        HookOwnership named = new HookOwnership(Set.of("drain"), List.of(), Optional.empty());
        HookOwnership others = new HookOwnership(Set.of("other"), List.of(), Optional.empty());
        Snapshot announced = snapshot(ANOTHERS, Optional.empty(), Set.of(), TERMINATION, SPOT);
        Snapshot journaled = snapshot(ANOTHERS, Optional.of(journal(true)), Set.of(), SPOT);

        assertThat(announced.actions(named)).containsExactly(ACTION);
        assertThat(journaled.actions(named)).containsExactly(ACTION);
        assertThat(announced.actions(others)).isEmpty();
        assertThat(journaled.actions(others)).isEmpty();
    }

    @Test
    void anActionIsAnnouncedByOurMessagesAndThoseOfOtherReplicas() {
        Snapshot ours = snapshot(ANOTHERS, Optional.empty(), Set.of(), TERMINATION);
        Snapshot byAnother =
                snapshot(ANOTHERS, Optional.empty(), Set.of(new ActionNotice(OF_ANOTHER_HOOK, Route.EVENT_BRIDGE)));

        assertThat(ours.isAnnounced(ACTION)).isTrue();
        assertThat(ours.isAnnounced(OF_ANOTHER_HOOK)).isFalse();
        assertThat(byAnother.isAnnounced(OF_ANOTHER_HOOK)).isTrue();
        assertThat(byAnother.isAnnounced(ACTION)).isFalse();
    }

    @Test
    void hooksOfItsGroupThatSendMessagesThemselvesAreKnown() {
        Snapshot snapshot = snapshot(
                ANOTHERS,
                Optional.empty(),
                Set.of(
                        new ActionNotice(OF_ANOTHER_HOOK, Route.DIRECT),
                        new ActionNotice(OF_ANOTHER_GROUP, Route.DIRECT),
                        new ActionNotice(EARLIER, Route.DIRECT)),
                TERMINATION);

        // Its own hook announced an earlier action itself, but this one by a rule.
        assertThat(snapshot.toldBeside(ACTION, true)).isEqualTo(new Told(Set.of("copy"), true));
        assertThat(snapshot.toldBeside(EARLIER, false)).isEqualTo(new Told(Set.of("copy", "drain"), false));
    }

    private static Snapshot snapshot(
            Holding holding, Optional<Journal> journal, Set<ActionNotice> announced, Interruption... interruptions) {
        NodeSight node = new Present(new KubeNode(
                new NodeName("node-0"),
                NOW,
                new Readiness(Readiness.Status.TRUE, Optional.of(NOW)),
                false,
                false,
                true,
                Map.of(),
                List.of(),
                journal.map(Journal::text).orElse("")));
        List<Notice> notices = List.of(interruptions).stream()
                .map(interruption -> new Notice(interruption, new MessageId("message"), NOW, Delivery.FIRST))
                .toList();
        return new Snapshot(
                INSTANCE,
                node,
                new Claim("glidepath-0/1", Instant.MAX, holding),
                new PodSight.NotListed(),
                List.of(),
                Set.of(),
                ClusterConditions.QUIET,
                notices,
                announced,
                Attempts.none());
    }

    private static Journal journal(boolean hasHook) {
        Cause cause = new Cause(TERMINATION.id(), Kind.ASG_TERMINATION, Effect.ENDS, NOW, NOW, Optional.empty(), false);
        Journal journal = Journal.empty(NOW).in(Journal.State.OPEN).with(cause);
        return hasHook ? journal.with(new Hook(TERMINATION.id(), ACTION, NOW, NOW)) : journal;
    }
}
