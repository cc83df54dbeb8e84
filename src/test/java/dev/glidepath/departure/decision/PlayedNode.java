package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.Cordon;
import dev.glidepath.departure.decision.Act.OnJournal;
import dev.glidepath.departure.decision.Act.PutBackInService;
import dev.glidepath.departure.decision.Act.Rejournal;
import dev.glidepath.departure.decision.Act.SettleJournal;
import dev.glidepath.departure.decision.Act.TakeOutOfService;
import dev.glidepath.departure.decision.Act.Undo;
import dev.glidepath.departure.decision.Outcome.Landed;
import dev.glidepath.departure.decision.Outcome.Moot;
import dev.glidepath.departure.decision.Outcome.Renewed;
import dev.glidepath.departure.decision.Outcome.TryAgain;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.Scheduling;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The node of a {@link Play}: its kubelet, and its object in the API server with what we change on it. */
final class PlayedNode {
    private static final NodeName NAME = new NodeName("node-1");

    private final Play play;
    private boolean exists = true;
    private boolean deleted;
    private Map<String, String> labels = Map.of();
    private Instant readySince = Play.START.minus(Duration.ofDays(1));
    private Optional<Instant> notReadySince = Optional.empty();
    private Optional<Instant> kubeletSilentSince = Optional.empty();
    private Set<Change> changed = EnumSet.noneOf(Change.class);
    private boolean uncordoned;
    private String journalText = "";
    private Optional<Journal> journal = Optional.empty();

    PlayedNode(Play play) {
        this.play = play;
    }

    // What becomes of it.

    void isUnknown() {
        exists = false;
    }

    void appears() {
        exists = true;
    }

    void isDeleted() {
        deleted = true;
    }

    void isLabelled(String key, String value) {
        labels = Map.of(key, value);
    }

    void isReady(boolean ready) {
        if (ready && notReadySince.isPresent()) {
            notReadySince = Optional.empty();
            readySince = play.now();
        } else if (!ready) {
            notReadySince = notReadySince.or(() -> Optional.of(play.now()));
        }
    }

    /** The machine is off, though the node may look Ready for a while; or it is on again. */
    void kubeletRuns(boolean runs) {
        kubeletSilentSince = runs ? Optional.empty() : kubeletSilentSince.or(() -> Optional.of(play.now()));
    }

    /** A person wants pods on it all the same. */
    void isUncordoned() {
        uncordoned = true;
    }

    /** Another replica, which is not played, writes this. */
    void isJournaled(Journal written) {
        changed = EnumSet.noneOf(Change.class);
        changed.addAll(written.changed());
        hold(written);
    }

    // What is seen of it.

    NodeSight sight() {
        if (deleted) {
            return new NodeSight.Gone(NAME);
        }
        return exists ? new NodeSight.Present(node()) : new NodeSight.NeverSeen();
    }

    boolean isThere() {
        return exists && !deleted;
    }

    Optional<Journal> journal() {
        return journal;
    }

    /** What we changed on it. */
    Set<Change> changed() {
        return Set.copyOf(changed);
    }

    KubeNode node() {
        return new KubeNode(
                NAME,
                notReadySince.isEmpty(),
                notReadySince.isEmpty() ? Optional.of(readySince) : Optional.empty(),
                notReadySince,
                changed.contains(Change.UNSCHEDULABLE) && !uncordoned,
                false,
                true,
                labels,
                List.of(),
                journalText,
                journal);
    }

    Outcome kubeletLease() {
        return new Renewed(kubeletSilentSince.orElse(play.now()));
    }

    // What is written to it.

    Outcome write(OnJournal act) {
        if (!isThere()) {
            return new Moot("gone");
        }
        if (!act.basedOn().equals(journalText)) {
            return new TryAgain("conflict");
        }
        switch (act) {
            case Cordon cordon -> cordon(cordon.scheduling());
            case Undo _ -> changed.clear();
            case TakeOutOfService _ -> {
                play.pods.freed();
                changed.add(Change.OUT_OF_SERVICE);
            }
            case PutBackInService _ -> changed.remove(Change.OUT_OF_SERVICE);
            case Rejournal _, SettleJournal _ -> {}
        }
        hold(act.journal());
        return new Landed();
    }

    private void cordon(Scheduling scheduling) {
        uncordoned = false;
        changed.addAll(
                switch (scheduling) {
                    case FORBIDDEN -> Set.of(Change.UNSCHEDULABLE, Change.TAINT);
                    case DISCOURAGED -> Set.of(Change.SOFT_TAINT);
                });
    }

    private void hold(Journal written) {
        journalText = new Journal(
                        written.state(),
                        written.holder(),
                        written.start(),
                        written.term(),
                        written.longestGrace(),
                        written.causes(),
                        written.hooks(),
                        changed,
                        written.stop(),
                        written.settled())
                .text();
        journal = Journal.parse(journalText);
    }
}
