package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.Undo;
import dev.glidepath.departure.action.Action.UpdateJournal;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.event.Response;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Cause;
import dev.glidepath.node.Journal.Effect;
import dev.glidepath.node.Journal.State;
import dev.glidepath.node.KubeNode;
import dev.glidepath.node.Scheduling;
import java.util.List;

/**
 * One node of the instance with its journal, and the actions that write to it.
 *
 * @param written the journal on the server, as far as it is known: our own last write, or what is seen
 * @param known what of it can be believed
 * @param isOurs whether we hold it; what we wrote and do not see yet counts as well
 * @param isUnread whether it cannot be read, and we have not written over it
 */
record JournaledNode(KubeNode node, Journal written, Journal known, boolean isOurs, boolean isUnread) {

    static JournaledNode of(DecisionContext context, KubeNode node) {
        var ourWrite = context.attempts().writtenOver(node.journalText());
        Journal written = ourWrite.map(OnJournal::journal)
                .or(context.snapshot()::journal)
                .orElseGet(() -> Journal.empty(context.now()));
        Journal known = written.heardBy(context.now());
        boolean isOurs =
                known.holder().filter(context.snapshot().claim().us()::equals).isPresent();
        return new JournaledNode(node, written, known, isOurs, node.isUnread() && ourWrite.isEmpty());
    }

    /** Whether a departure of it is under way, by whichever replica. */
    boolean isUnderWay() {
        return known.state() == State.OPEN;
    }

    /** Whether a departure of it is under way that we carry out. */
    boolean isUnderWayHere() {
        return isUnderWay() && isOurs;
    }

    /** The text that a write is made from. */
    String basedOn() {
        return node.journalText();
    }

    UpdateJournal updateJournal(Journal journal) {
        return new UpdateJournal(journal, basedOn());
    }

    Undo undo(Journal journal, Ending ending) {
        return new Undo(journal, basedOn(), ending);
    }

    /** Cordons it for these causes; new pods are only discouraged where none of them needs more. */
    Cordon cordon(Journal journal, List<Cause> fresh, Policy policy) {
        boolean isDiscouraged = fresh.stream()
                .allMatch(cause -> cause.effect() == Effect.NONE && policy.responseTo(cause.kind()) == Response.CORDON);
        return new Cordon(
                journal,
                basedOn(),
                fresh.getFirst().kind(),
                isDiscouraged ? Scheduling.DISCOURAGED : Scheduling.FORBIDDEN);
    }
}
