package dev.glidepath.departure.decision;

import dev.glidepath.departure.decision.Act.Cordon;
import dev.glidepath.departure.decision.Act.DeleteMessages;
import dev.glidepath.departure.decision.Act.HandBack;
import dev.glidepath.departure.decision.Act.OnJournal;
import dev.glidepath.departure.decision.Act.Rejournal;
import dev.glidepath.departure.decision.Act.SettleJournal;
import dev.glidepath.departure.decision.Act.Undo;
import dev.glidepath.departure.decision.Claim.Holding;
import dev.glidepath.departure.decision.Decision.Ending;
import dev.glidepath.departure.decision.Decision.Stage;
import dev.glidepath.departure.decision.Wellness.Answer;
import dev.glidepath.event.Interruption.AsgLaunch;
import dev.glidepath.event.Interruption.Window;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.Kind;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Effect;
import dev.glidepath.node.Journal.State;
import dev.glidepath.node.Journal.Stop;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.Scheduling;
import dev.glidepath.queue.MessageId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What becomes of a node: what its journal ought to say, given what it says and what we were told; whose departure it is; and
 * whether it is planned, under way, or to be undone. How it is emptied is told by {@link DrainCourse}.
 */
final class NodeCourse {
    /** The other departures that hold back this one may end any moment. */
    private static final Duration BRAKE_LOOKS_AGAIN = Duration.ofSeconds(15);

    /** So long before its deadline a departure begins, however many others depart: as long as a hook's drain has at least. */
    private static final Duration BRAKE_LIFTS = Duration.ofMinutes(15);

    /** How often a node that was to be well by now is looked at. */
    private static final Duration WELL_YET = Duration.ofMinutes(10);

    private final Question question;
    private final KubeNode node;
    private final Instant now;
    private final Agenda agenda;
    private final Wellness wellness;

    /** The journal as it is on the server, as far as we know: what we wrote over what we see, or what we see. */
    private final Journal standing;

    /** What of it can be believed. */
    private final Journal known;

    private final News news;
    private final Siblings siblings;

    /** Messages whose node is left alone, as its journal cannot be read. */
    private final Set<MessageId> leftAlone = new HashSet<>();

    NodeCourse(Question question, KubeNode node) {
        this.question = question;
        this.node = node;
        this.now = question.now();
        this.agenda = question.agenda();
        this.wellness = new Wellness(question);
        this.standing = question.attempts()
                .writtenOver(node.journalText())
                .map(OnJournal::journal)
                .or(question.sight()::journal)
                .orElseGet(() -> Journal.empty(now));
        this.known = standing.heardBy(now);
        this.siblings = Siblings.of(question, node);
        this.news = News.screen(question, node, known, wellness, siblings);
    }

    /** Those for which nothing is owed any more. */
    Set<MessageId> payable() {
        return Stream.concat(news.payable().stream(), leftAlone.stream()).collect(Collectors.toSet());
    }

    /** Whether a hook is all that is waited for, once the rest is settled. */
    boolean hookWaits() {
        return news.hookWaits();
    }

    /** Those that the node's journal remembers for us, as long as the departure is ours. */
    Set<Notice> claimed() {
        return isBegun()
                ? question.notices().stream()
                        .filter(notice -> known.isLive(notice.interruption().id()))
                        .collect(Collectors.toSet())
                : Set.of();
    }

    /** Whether this node, whose departure is settled, looks as if its machine were back. */
    static boolean mayBeBack(KubeNode node, Journal journal) {
        return node.ready()
                && !journal.changed().isEmpty()
                && journal.stop()
                        .filter(stop -> stop.proven()
                                || node.readySince()
                                        .filter(since -> since.isAfter(stop.at()))
                                        .isPresent())
                        .isPresent();
    }

    /** Whether this node, whose departure is settled, is still there though it may be gone, and may prove to be well. */
    static boolean maySurvive(KubeNode node, Journal journal) {
        return node.ready()
                && !journal.changed().isEmpty()
                && journal.goneBy()
                        .filter(journal.start()::isBefore)
                        .isPresent(); // of this departure, not of an earlier one
    }

    Stage take() {
        if (!news.isOfOurNode()) {
            return notSelected();
        }
        Stage stage = isUnread() ? answerUnread() : takeCourse(Causes.merge(known, news.notices()));
        return news.isExamining() && stage instanceof Stage.Settled ? new Stage.Examining() : stage;
    }

    /** Not touched; it may be ours yet. */
    private Stage notSelected() {
        if (known.state() != State.SETTLED) {
            return new Stage.Planned(Optional.empty());
        }
        return news.selectedUntil().<Stage>map(Stage.AwaitingNode::new).orElseGet(() -> settled(Ending.NOT_SELECTED));
    }

    // What cannot be read.

    private boolean isUnread() {
        return node.isUnread()
                && question.attempts().writtenOver(node.journalText()).isEmpty();
    }

    /** Left to a replica that can read it, while one lives. After that what takes the machine is answered, and nothing is undone. */
    private Stage answerUnread() {
        if (question.sight().claim().holding() instanceof Holding.Other(var _, Instant freeAt, var _)
                && now.isBefore(freeAt)) {
            agenda.lookAgainAfter(freeAt);
            return new Stage.Settled(Ending.LEFT_TO_NEWER, Report.nothing()); // though some were handed back before
        }
        Journal merged = Causes.merge(known, news.notices());
        if (merged.causes().stream().anyMatch(this::takesTheMachine)) {
            return takeCourse(merged);
        }
        news.notices().stream()
                .filter(notice -> !(notice.interruption() instanceof AsgLaunch))
                .map(Notice::message)
                .forEach(leftAlone::add);
        return settled(Ending.JOURNAL_UNREADABLE);
    }

    private boolean takesTheMachine(Cause cause) {
        return !cause.kind().isVoluntary()
                || cause.goneAt()
                        .filter(goneAt -> !now.isBefore(goneAt.minus(BRAKE_LIFTS)))
                        .isPresent();
    }

    private Stage takeCourse(Journal merged) {
        if (isElsewhere()) {
            return leaveToItsHolder(merged);
        }
        if (!due(merged).isEmpty() && known.state() != State.OPEN) {
            merged = Causes.begunLate(merged, now);
        }
        List<Cause> due = due(merged);
        return !due.isEmpty() && mayBegin(merged, due) ? depart(merged, due) : rest(merged);
    }

    // Whose it is.

    private boolean isElsewhere() {
        return known.state() == State.OPEN && now.isBefore(freeAt()) && !isOurs();
    }

    /** What we wrote and do not see yet counts as well. */
    private boolean isOurs() {
        return known.holder().filter(question.sight().claim().us()::equals).isPresent();
    }

    /** Whoever hears of something tells the journal; who holds it acts on it. */
    private Stage leaveToItsHolder(Journal merged) {
        if (!merged.equals(standing)) {
            List<Cause> fresh = due(merged).stream()
                    .filter(cause -> !known.isLive(cause.id()))
                    .toList();
            agenda.owe(fresh.isEmpty() ? rejournal(merged) : cordon(merged, fresh));
        }
        if (question.sight().claim().holding() instanceof Holding.Other(String holder, var _, var _)) {
            agenda.lookAgainBy(freeAt());
            return new Stage.Elsewhere(holder, freeAt());
        }
        return new Stage.Examining();
    }

    private Instant freeAt() {
        return question.sight().claim().freeAt(known, question.attempts().journalSince(), now);
    }

    // Whether it is time.

    /** The causes for which something is to be done now. */
    private List<Cause> due(Journal journal) {
        return journal.causes().stream()
                .filter(cause -> !cause.answered() && !Deadlines.isLapsed(cause, now) && !now.isBefore(dueAt(cause)))
                .toList();
    }

    private Instant dueAt(Cause cause) {
        if (cause.kind() != Kind.SCHEDULED_CHANGE) {
            return cause.noticedAt();
        }
        Optional<Instant> begins = cause.window().map(Window::startsAt).or(cause::goneAt);
        return begins.orElse(now).minus(question.policy().leadTime());
    }

    /** What nobody takes yet waits while so many others depart. */
    private boolean mayBegin(Journal merged, List<Cause> due) {
        return known.state() == State.OPEN || !isBraked(merged, due);
    }

    private boolean isBraked(Journal merged, List<Cause> due) {
        boolean voluntary = due.stream().allMatch(cause -> cause.kind().isVoluntary());
        Instant lifts = deadlines(merged).earliest();
        return voluntary
                && question.sight().surroundings().tooManyDepart()
                && (lifts.equals(Instant.MAX) || now.isBefore(lifts.minus(BRAKE_LIFTS)));
    }

    // Under way.

    private Stage depart(Journal merged, List<Cause> due) {
        Deadlines deadlines = deadlines(merged);
        boolean braked = isBraked(merged, due);
        if (braked) {
            agenda.lookAgainBy(now.plus(BRAKE_LOOKS_AGAIN));
        }
        DrainCourse drain = new DrainCourse(question, node, known, deadlines, due, braked);
        Hooks hooks = new Hooks(question, merged.hooks());
        Journal ought = begun(merged, deadlines);
        boolean isTakenOver = known.state() == State.OPEN && !isOurs();
        Optional<Stage.AwaitingHook> concluded = question.attempts().concluded(idsOf(due));
        if (concluded.isPresent()) {
            Stage.AwaitingHook before = concluded.get();
            return finish(merged, due, before.ending(), before.report(), hooks);
        }
        boolean off = drain.isMachineOff() && !isTakenOver;
        Optional<Ending> ending = off ? drain.endWithMachine(ought) : goOn(ought, due, drain);
        if (ending.isPresent()) {
            return finish(merged, due, ending.get(), drain.report(), hooks);
        }
        hooks.keepWaiting();
        return isBegun() || off ? drain.stage() : new Stage.Cordoning(deadlines.earliest());
    }

    /** Journals what is new, cordons for it, and goes on with what has begun; nothing is begun for what is not journaled. */
    private Optional<Ending> goOn(Journal ought, List<Cause> due, DrainCourse drain) {
        List<Cause> fresh = due.stream()
                .filter(cause -> known.state() != State.OPEN || !known.isLive(cause.id()))
                .toList();
        if (!fresh.isEmpty()) {
            agenda.owe(cordon(ought, fresh));
        } else if (!ought.equals(standing)) {
            agenda.owe(rejournal(ought));
        }
        if (!isBegun()) {
            return Optional.empty();
        }
        if (due.stream()
                .anyMatch(cause ->
                        known.isLive(cause.id()) && question.policy().responseTo(cause.kind()) == Response.DRAIN)) {
            return drain.carryOn();
        }
        return ought.equals(standing) ? Optional.of(Ending.CORDONED) : Optional.empty();
    }

    private boolean isBegun() {
        return known.state() == State.OPEN && isOurs();
    }

    /** The journal of a departure that we carry out, with its present deadline. */
    private Journal begun(Journal merged, Deadlines deadlines) {
        Journal held = merged.heldBy(question.sight().claim().us());
        Journal started = known.state() == State.OPEN ? held : held.startedAt(startOf(held));
        Optional<Journal.Term> term = deadlines.term(now);
        return term.map(Journal.Term::deadline).equals(merged.term().map(Journal.Term::deadline))
                ? started
                : started.with(term, deadlines.longestGrace());
    }

    private Instant startOf(Journal journal) {
        return journal.causes().stream()
                .filter(cause -> !known.isLive(cause.id()))
                .map(Cause::receivedAt)
                .min(Comparator.naturalOrder())
                .orElse(now);
    }

    /**
     * Hooks first, for they are what is waited for; then the journal; then the messages, without which nobody remembers. Of several
     * nodes of an instance the first completes them, when the others' journals are settled.
     */
    private Stage finish(Journal merged, List<Cause> due, Ending ending, Report report, Hooks hooks) {
        if (!siblings.isFirst()) {
            agenda.owe(new SettleJournal(finished(merged, due), node.journalText(), ending, report));
            return new Stage.Settling(ending, report);
        }
        if (waitsForSiblings(merged)) {
            hooks.keepWaiting();
            return new Stage.AwaitingHook(ending, report, idsOf(due));
        }
        if (!hooks.complete(ending)) {
            return hooks.areTried()
                    ? new Stage.AwaitingHook(ending, report, idsOf(due))
                    : new Stage.Settling(ending, report);
        }
        agenda.owe(new SettleJournal(
                finished(merged, due).withHooksCompleted(hooks.ofOurs()), node.journalText(), ending, report));
        return new Stage.Settling(ending, report);
    }

    /** Until the deadline, for they have none that is much later. */
    private boolean waitsForSiblings(Journal merged) {
        Instant until = deadlines(merged).earliest();
        boolean waits =
                now.isBefore(until) && merged.hooks().stream().anyMatch(hook -> siblings.arePending(hook.cause()));
        if (waits) {
            agenda.lookAgainAfter(until);
        }
        return waits;
    }

    /** What only puts the machine at risk stays live until it lapses; where the machine ends for good, all else is over. */
    private Journal finished(Journal merged, List<Cause> due) {
        Journal finished = merged;
        Set<InterruptionId> over = new HashSet<>();
        boolean takes = due.stream().anyMatch(cause -> cause.effect() != Effect.NONE);
        for (Cause cause : due) {
            if (takes) {
                over.add(cause.id());
            } else {
                finished = finished.with(cause.whenAnswered());
            }
        }
        if (due.stream().anyMatch(NodeCourse::endsForGood)) {
            merged.causes().forEach(cause -> over.add(cause.id()));
        }
        Journal left = finished.settle(over).with(Causes.stopOf(due, now));
        left = goneBy(due, merged).map(left::goneBy).orElse(left);
        return left.causes().isEmpty() && !left.hasUnknownCauses()
                ? left.in(State.SETTLED).with(Optional.empty(), Optional.empty())
                : left.in(State.PLANNED);
    }

    /** When the last of what takes the machine has had its time; empty where one of them may come at any time. */
    private Optional<Instant> goneBy(List<Cause> due, Journal merged) {
        Deadlines deadlines = new Deadlines(merged, due, question.sight(), question.policy());
        List<Optional<Instant>> each = due.stream()
                .filter(cause -> cause.effect() != Effect.NONE)
                .map(deadlines::goneBy)
                .toList();
        return each.contains(Optional.<Instant>empty())
                ? Optional.empty()
                : each.stream()
                        .flatMap(Optional::stream)
                        .max(Comparator.naturalOrder())
                        .map(latest -> latest.isAfter(now) ? latest : now);
    }

    private static Set<InterruptionId> idsOf(List<Cause> causes) {
        return causes.stream().map(Cause::id).collect(Collectors.toUnmodifiableSet());
    }

    private static boolean endsForGood(Cause cause) {
        return cause.effect() == Effect.ENDS || cause.effect() == Effect.ENDED;
    }

    // At rest: not due, done and to be undone later, withdrawn, back, or settled.

    private Stage rest(Journal merged) {
        Set<InterruptionId> lapsed = merged.causes().stream()
                .filter(cause -> Deadlines.isLapsed(cause, now))
                .map(Cause::id)
                .collect(Collectors.toSet());
        if (!lapsed.isEmpty()) {
            if (lapsed.size() == merged.causes().size() && !examineWhetherWell(merged)) {
                agenda.lookAgainBy(now.plus(WELL_YET));
                return stayPlanned(merged);
            }
            merged = merged.settle(lapsed);
        }
        if (!merged.causes().isEmpty()) {
            return stayPlanned(merged);
        }
        if (merged.hasUnknownCauses()) {
            return leftToWhoeverKnowsThem(merged);
        }
        Journal settled = merged.in(State.SETTLED).with(Optional.empty(), Optional.empty());
        boolean departed = known.state() == State.OPEN; // whoever withdrew the last cause was perhaps not its holder
        if (departed || !known.causes().isEmpty()) {
            Ending ending = lapsed.isEmpty() ? Ending.WITHDRAWN : Ending.LAPSED;
            return undo(settled.whenHere(), ending);
        }
        if (mayBeBack(node, settled)) {
            return undoIfWell(settled, settled.stop().map(Stop::at).orElse(now), Ending.BACK);
        }
        if (maySurvive(node, settled) && !endedHere()) {
            Instant goneBy = settled.goneBy().orElse(now);
            if (!now.isBefore(goneBy)) {
                return undoIfWell(settled, goneBy, Ending.SURVIVED);
            }
            agenda.lookAgainBy(goneBy);
            return new Stage.Planned(Optional.of(goneBy));
        }
        boolean tells = !settled.equals(known) && !news.notices().isEmpty();
        return !tells || write(rejournal(settled)) ? settled(whenNothingIsOwed()) : new Stage.Examining();
    }

    private Stage undoIfWell(Journal settled, Instant since, Ending ending) {
        return switch (wellness.examine(node, since)) {
            case WELL -> undo(settled.whenHere(), ending);
            case NOT_WELL, NOT_KNOWN -> new Stage.Examining();
        };
    }

    /** Whether this is still the departure that was settled just now, or one that something else is told of. */
    private boolean endedHere() {
        return !question.notices().isEmpty() || endingBefore().isPresent() || settledHere();
    }

    private boolean settledHere() {
        return question.attempts().last(SettleJournal.class).isPresent();
    }

    /** Causes that only another build knows are neither acted on nor settled. */
    private Stage leftToWhoeverKnowsThem(Journal merged) {
        if (!merged.equals(standing)) {
            agenda.owe(rejournal(merged));
        }
        agenda.lookAgainBy(now.plus(WELL_YET));
        return new Stage.Planned(Optional.empty());
    }

    private Ending whenNothingIsOwed() {
        return news.wasStale() ? Ending.STALE : Ending.ALREADY_SETTLED;
    }

    private boolean examineWhetherWell(Journal merged) {
        Instant lapsedAt = merged.causes().stream()
                .map(Deadlines::lapsesAt)
                .max(Comparator.naturalOrder())
                .orElse(now);
        return wellness.examine(node, lapsedAt) == Answer.WELL;
    }

    private Stage stayPlanned(Journal merged) {
        Journal ought = merged.in(State.PLANNED).with(deadlines(merged).term(now), merged.longestGrace());
        boolean sameTerm =
                ought.term().map(Journal.Term::deadline).equals(merged.term().map(Journal.Term::deadline));
        ought = sameTerm ? ought.with(merged.term(), merged.longestGrace()) : ought;
        if (!ought.equals(standing)) {
            agenda.owe(isMovedAway(merged) ? new Undo(ought, node.journalText(), Ending.WITHDRAWN) : rejournal(ought));
        }
        Optional<Instant> next =
                merged.causes().stream().map(this::looksAgainAt).min(Comparator.naturalOrder());
        next.ifPresent(agenda::lookAgainBy);
        return new Stage.Planned(next);
    }

    private Instant looksAgainAt(Cause cause) {
        if (cause.answered() || Deadlines.isLapsed(cause, now)) {
            return later(Deadlines.lapsesAt(cause), WELL_YET);
        }
        return later(dueAt(cause), BRAKE_LOOKS_AGAIN);
    }

    /** That moment, or if it is past, a while from now. */
    private Instant later(Instant at, Duration otherwise) {
        return at.isAfter(now) ? at : now.plus(otherwise);
    }

    /** What we did was for something that now lies far ahead. */
    private boolean isMovedAway(Journal merged) {
        boolean departed = known.state() == State.OPEN
                || (known.stop().isPresent() && merged.causes().stream().anyMatch(this::wasDoneBefore));
        return departed
                && !merged.hasUnknownCauses()
                && !known.changed().isEmpty()
                && merged.causes().stream().noneMatch(cause -> cause.answered() || Deadlines.isLapsed(cause, now));
    }

    private boolean wasDoneBefore(Cause cause) {
        return known.settled().stream().anyMatch(paid -> cause.isOf(paid.id()));
    }

    private Stage undo(Journal ought, Ending ending) {
        OnJournal write = known.changed().isEmpty() ? rejournal(ought) : new Undo(ought, node.journalText(), ending);
        return write(write) ? settled(ending) : new Stage.Settling(ending, Report.nothing());
    }

    private Stage settled(Ending otherwise) {
        return question.attempts()
                .last(SettleJournal.class)
                .map(settle -> new Stage.Settled(settle.ending(), settle.report()))
                .orElseGet(() -> new Stage.Settled(endingBefore().orElse(otherwise), Report.nothing()));
    }

    /** What was told to have ended it when its messages were deleted, or its changes taken back. */
    private Optional<Ending> endingBefore() {
        return question.attempts()
                .last(Undo.class)
                .map(Undo::ending)
                .or(() -> question.attempts().last(DeleteMessages.class).map(DeleteMessages::ending))
                .or(() -> question.attempts().last(HandBack.class).map(_ -> Ending.HANDED_BACK));
    }

    // What is written.

    private boolean write(OnJournal act) {
        return agenda.owe(act);
    }

    private Rejournal rejournal(Journal journal) {
        return new Rejournal(journal, node.journalText());
    }

    private Cordon cordon(Journal journal, List<Cause> fresh) {
        boolean discouraged = fresh.stream()
                .allMatch(cause ->
                        cause.effect() == Effect.NONE && question.policy().responseTo(cause.kind()) == Response.CORDON);
        return new Cordon(
                journal,
                node.journalText(),
                fresh.getFirst().kind(),
                discouraged ? Scheduling.DISCOURAGED : Scheduling.FORBIDDEN);
    }

    private Deadlines deadlines(Journal merged) {
        List<Cause> live = merged.causes().stream()
                .filter(cause -> !cause.answered() && !Deadlines.isLapsed(cause, now))
                .toList();
        return new Deadlines(merged, live, question.sight(), question.policy());
    }
}
