package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.PutBackInService;
import dev.glidepath.departure.action.Action.SettleJournal;
import dev.glidepath.departure.action.Action.TakeOutOfService;
import dev.glidepath.departure.action.Action.Undo;
import dev.glidepath.departure.action.Action.UpdateJournal;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.Renewed;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Change;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.NodeName;
import dev.glidepath.node.NodeSight;
import dev.glidepath.node.Readiness;
import dev.glidepath.node.Readiness.Status;
import dev.glidepath.node.Scheduling;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The node of a {@link Play}: its kubelet, and its object in the API server with what we change on it. */
final class PlayedNode {
    private static final String UNKNOWN = "\"weather\":\"fine\"";
    private static final String VERSION = "\"version\":1";
    private static final String LATER_VERSION = "\"version\":2";

    private final Play play;
    private final NodeName name;
    private final PlayedPods pods;
    private boolean exists = true;
    private boolean joins = true;
    /** Whether its name is that of a node of another instance by now. */
    private boolean isOfAnother;

    private boolean mustKeepUnknown;
    private Instant wasHandedBackAt = Instant.MIN;
    private boolean wasMistaken;
    private boolean isToldByItsName;
    private boolean unseen;
    private Optional<Instant> seenByAnotherAt = Optional.empty();
    private Optional<Instant> deletedAt = Optional.empty();
    private final NavigableSet<Instant> joinedAt = new TreeSet<>(Set.of(Instant.MIN));
    private Map<String, String> labels = Map.of();
    private Instant createdAt = Play.START.minus(Duration.ofDays(1));
    private Instant readySince = Play.START.minus(Duration.ofDays(1));
    private Optional<Instant> notReadySince = Optional.empty();
    private Status notReady = Status.UNKNOWN;
    private static final Duration RENEWS_EVERY = Duration.ofSeconds(10);

    private final NavigableMap<Instant, Boolean> kubeletRan = new TreeMap<>(Map.of(Instant.MIN, true));
    private Optional<Instant> kubeletSilentSince = Optional.empty();
    private Set<Change> changed = EnumSet.noneOf(Change.class);
    private boolean uncordoned;
    private boolean leaseIsHidden;
    private Duration kubeletAhead = Duration.ZERO;
    private String journalText = "";
    /** How it read, and from when on. */
    private final NavigableMap<Instant, String> texts = new TreeMap<>(Map.of(Instant.MIN, ""));

    private Optional<Journal> journal = Optional.empty();
    private Optional<Shown> former = Optional.empty();

    /** @param pods those on it */
    PlayedNode(Play play, NodeName name, PlayedPods pods) {
        this.play = play;
        this.name = name;
        this.pods = pods;
    }

    NodeName name() {
        return name;
    }

    // What becomes of it.

    void isUnknown() {
        exists = false;
        joinedAt.clear();
    }

    void appears() {
        register();
        unseen = false;
    }

    /** As a kubelet makes it: young, not Ready yet, and without labels. */
    void joins() {
        appears();
        createdAt = play.now();
        labels = Map.of();
        isReady(false);
    }

    /** The watch has fallen silent: only who asks the API server sees it. */
    void appearsUnseen() {
        register();
        unseen = true;
    }

    /** No node of that name ever joins. */
    void neverJoins() {
        isUnknown();
        joins = false;
    }

    /** One of its name joins, on another instance: it has no journal either. */
    void joinsOnAnotherInstance() {
        if (!exists) {
            isOfAnother = true;
            createdAt = play.now();
        }
    }

    /** Somebody has deleted the object of a node whose kubelet runs on: that makes it anew. */
    void isMadeAnew() {
        if (!exists) {
            appears();
            createdAt = play.now();
        }
    }

    /** Whether something was written to the node of another instance. */
    boolean wasMistaken() {
        return wasMistaken;
    }

    /** A bug: what is written to it is written to whatever bears its name and has the same journal. */
    void isToldByItsName() {
        isToldByItsName = true;
    }

    private void register() {
        if (!exists && joins && !isOfAnother) {
            exists = true;
            joinedAt.add(play.now());
        }
    }

    /** Another replica, which is not played, has seen it and says so. */
    void isSeenByAnother() {
        seenByAnotherAt = Optional.of(play.now());
    }

    /** What appears after that is a new node: its kubelet knows nothing of what was on the former one. */
    void isDeleted() {
        if (!joins) {
            return;
        }
        exists = false;
        isOfAnother = false;
        mustKeepUnknown = false;
        deletedAt = Optional.of(play.now());
        isAnnotated("");
        uncordoned = false;
    }

    void isLabelled(String key, String value) {
        labels = Map.of(key, value);
    }

    void isReady(boolean ready) {
        if (ready && notReadySince.isPresent()) {
            notReady = Status.UNKNOWN;
            notReadySince = Optional.empty();
            readySince = play.now();
        } else if (!ready) {
            notReadySince = notReadySince.or(() -> Optional.of(play.now()));
        }
    }

    /** Its kubelet is there and says so: something else is wrong with it. */
    void saysItIsNotReady() {
        notReady = Status.FALSE;
        isReady(false);
    }

    /** The machine is off, though the node may look Ready for a while; or it is on again. */
    void kubeletRuns(boolean runs) {
        kubeletRan.put(play.now(), runs);
        kubeletSilentSince = runs ? Optional.empty() : kubeletSilentSince.or(() -> Optional.of(play.now()));
    }

    /** Its kubelet's clock is wrong by so much; negative where it is behind. */
    void kubeletIsAhead(Duration by) {
        kubeletAhead = by;
    }

    /** Nobody may read its kubelet's Lease. */
    void leaseIsHidden() {
        leaseIsHidden = true;
    }

    /** Whether its kubelet had been silent for so long at that moment. */
    boolean wasSilentFor(Duration time, Instant at) {
        Instant from = at.minus(time);
        return !kubeletRan.floorEntry(from).getValue()
                && kubeletRan.subMap(from, false, at, true).values().stream().noneMatch(runs -> runs);
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

    /** Its annotation reads so, whoever wrote it. */
    void isAnnotated(String text) {
        journalText = text;
        texts.put(play.now(), text);
        journal = Journal.parse(text);
        changed = EnumSet.noneOf(Change.class);
        journal.ifPresent(read -> changed.addAll(read.changed()));
    }

    /** A replica of a later build journals what we do not know, in the version that we know. */
    void isWrittenByALaterBuild() {
        if (journal.isPresent() && !journalText.contains(UNKNOWN)) {
            rewrite("{" + UNKNOWN + "," + journalText.substring(1));
            mustKeepUnknown = true;
        }
    }

    /** Whether what a later build wrote was lost. */
    boolean hasLostWhatALaterBuildWrote() {
        return exists && mustKeepUnknown && !journalText.contains(UNKNOWN);
    }

    /** A replica of a later version takes the journal into a form that only it reads. Tells whether there was one. */
    boolean isTakenByALaterVersion() {
        if (!exists || journal.isEmpty()) {
            return false;
        }
        rewrite(journalText.replace(VERSION, LATER_VERSION));
        return true;
    }

    /** It has written it in the form that we read again. */
    void isHandedBackByALaterVersion() {
        if (journalText.contains(LATER_VERSION)) {
            rewrite(journalText.replace(LATER_VERSION, VERSION));
            wasHandedBackAt = play.now();
        }
    }

    /** When a later version let go of its journal; long past where none did. */
    Instant wasHandedBackAt() {
        return wasHandedBackAt;
    }

    private void rewrite(String text) {
        journalText = text;
        journal = Journal.parse(text);
        texts.put(play.now(), text);
    }

    /** Somebody writes over the annotation, and what stood there is back when this is run. */
    Runnable isWrittenOver(String text) {
        String before = journalText;
        Optional<Journal> read = journal;
        journalText = text;
        journal = Journal.parse(text);
        return () -> {
            journalText = before;
            journal = read;
        };
    }

    // What is seen of it.

    /**
     * What a watch shows of it at some moment.
     *
     * @param there the object, if it is there
     */
    record Shown(Optional<KubeNode> there, Optional<Instant> deletedAt) {
        /** When it was deleted last; long past where it never was. */
        Instant wentAt() {
            return deletedAt.orElse(Instant.MIN);
        }
    }

    /** What a watch that is not behind shows now. */
    Shown shown() {
        return former.orElseGet(this::upToDate);
    }

    private Shown upToDate() {
        return new Shown(isThere() && !unseen ? Optional.of(node()) : Optional.empty(), deletedAt);
    }

    /** What is watched lags behind: it goes on showing this, but for what the API server answers to a write or when it is asked. */
    void shows(Shown before) {
        former = Optional.of(before);
    }

    /** What is watched has caught up. */
    void showsAll() {
        former = Optional.empty();
    }

    /** The API server has answered what it is like. */
    void isAnswered() {
        former = former.map(_ -> upToDate());
    }

    /**
     * What a replica sees of it.
     *
     * @param asked when it asked the API server last which nodes there are
     */
    NodeSight sight(Shown shown, Instant asked) {
        return shown.there()
                .<NodeSight>map(NodeSight.Present::new)
                .or(() -> shown.deletedAt().map(at -> new NodeSight.Gone(name, at, asked)))
                .orElseGet(() -> new NodeSight.NeverSeen(asked, seenByAnotherAt));
    }

    /** When it was deleted last; long past where it never was. */
    Instant wentAt() {
        return deletedAt.orElse(Instant.MIN);
    }

    boolean isSeen() {
        return shown().there().isPresent();
    }

    boolean isThere() {
        return exists;
    }

    /** Since when the node that was there then has been there. */
    Instant joinedBefore(Instant moment) {
        return joinedAt.floor(moment);
    }

    /** How many nodes the instance has had, one after the other. */
    int timesJoined() {
        return joinedAt.size();
    }

    /** Whether its kubelet has been running at any time between these. */
    boolean hasRunBetween(Instant from, Instant until) {
        return kubeletRan.floorEntry(from).getValue()
                || kubeletRan.subMap(from, false, until, true).containsValue(true);
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
                name,
                createdAt,
                notReadySince
                        .map(since -> new Readiness(notReady, Optional.of(since)))
                        .orElseGet(() -> new Readiness(Status.TRUE, Optional.of(readySince))),
                changed.contains(Change.UNSCHEDULABLE) && !uncordoned,
                false,
                true,
                labels,
                List.of(),
                journalText,
                journal);
    }

    /** Who asks the API server sees all that is there. */
    void isListed() {
        unseen = false;
        isAnswered();
    }

    Outcome kubeletLease() {
        return leaseIsHidden
                ? new Forbidden("may not read a kubelet's Lease")
                : new Renewed(
                        renewedBefore(kubeletSilentSince.orElse(play.now())).plus(kubeletAhead));
    }

    /** Each ten seconds, and when it starts. */
    private Instant renewedBefore(Instant moment) {
        Instant renewed = moment.minusMillis(Math.floorMod(moment.toEpochMilli(), RENEWS_EVERY.toMillis()));
        Instant started = kubeletRan.floorKey(moment);
        return started.isAfter(renewed) ? started : renewed;
    }

    // What is written to it.

    /** @param seen the node as its writer sees it, which tells when it was made where it has no journal */
    Outcome write(OnJournal action, KubeNode seen) {
        if (!isThere() && !isOfAnother) {
            return new Retry("the node is not there");
        }
        boolean isAnother = action.basedOn().isEmpty() && !seen.joinedAt().equals(createdAt) && !isToldByItsName;
        if (isAnother || !action.basedOn().equals(journalText)) {
            isAnswered(); // who conflicts reads the node
            return new Retry("conflict");
        }
        if (isOfAnother) {
            wasMistaken = true;
            return new Succeeded();
        }
        switch (action) {
            case Cordon cordon -> cordon(cordon.scheduling());
            case Undo _ -> changed.clear();
            case TakeOutOfService _ -> {
                pods.freed();
                changed.add(Change.OUT_OF_SERVICE);
            }
            case PutBackInService _ -> changed.remove(Change.OUT_OF_SERVICE);
            case UpdateJournal _, SettleJournal _ -> {}
        }
        hold(action.journal());
        isAnswered();
        return new Succeeded();
    }

    private void cordon(Scheduling scheduling) {
        uncordoned = false;
        changed.addAll(
                switch (scheduling) {
                    case FORBIDDEN -> Set.of(Change.UNSCHEDULABLE, Change.TAINT);
                    case DISCOURAGED -> Set.of(Change.SOFT_TAINT);
                });
    }

    /** Whether it read so at some moment between these, the first and the last among them. */
    boolean wasJournaled(String text, Instant from, Instant until) {
        return texts.floorEntry(from).getValue().equals(text)
                || texts.subMap(from, true, until, true).containsValue(text);
    }

    private void hold(Journal written) {
        journalText = written.withoutChanged(EnumSet.allOf(Change.class))
                .withChanged(changed)
                .text();
        journal = Journal.parse(journalText);
        texts.put(play.now(), journalText);
    }
}
