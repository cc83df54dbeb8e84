package dev.glidepath.departure.story;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Blocked;
import dev.glidepath.departure.action.Outcome.Bound;
import dev.glidepath.departure.action.Outcome.Described;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.NotFound;
import dev.glidepath.departure.action.Outcome.NotNeeded;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.departure.action.Outcome.Overloaded;
import dev.glidepath.departure.action.Outcome.Refused;
import dev.glidepath.departure.action.Outcome.Renewed;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.snapshot.Attempt;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.event.InstanceId;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is reported of one node's departure, each thing once: a decision when it differs from the last, an action when it is done,
 * trouble when it begins and when it ends. For the loop of its departure alone.
 */
public final class Story {
    private final StageChanges stages = new StageChanges();
    private final HeldPods pods = new HeldPods();
    private final LeftHooks hooks = new LeftHooks();
    private final UnreadableJournal journal = new UnreadableJournal();
    private final Troubles troubles = new Troubles();
    private Identity identity;

    /** Of a departure of which nothing is known yet but its instance. */
    public Story(InstanceId instance) {
        identity = Identity.of(instance);
    }

    /** Reports what a decision changes. */
    public List<Entry> reportDecision(Snapshot snapshot, Decision decision, Instant now) {
        identity = identity.seenIn(snapshot);
        if (!snapshot.notices().isEmpty()) {
            stages.rememberContent();
        }
        List<Entry> entries = new ArrayList<>();
        decision.held().stream()
                .flatMap(held -> pods.reportHeldBack(identity, held).stream())
                .forEach(entries::add);
        decision.actions().stream()
                .filter(OnPod.class::isInstance)
                .map(OnPod.class::cast)
                .filter(action -> action.terms().version().isPresent())
                .flatMap(again -> pods.reportWithoutEffect(identity, again).stream())
                .forEach(entries::add);
        decision.leftHooks().stream()
                .flatMap(left -> hooks.report(identity, left).stream())
                .forEach(entries::add);
        entries.addAll(stages.report(identity, snapshot, decision.stage(), now));
        journal.report(identity, snapshot.node(), decision).ifPresent(entries::add);
        stages.forgetDrain(decision);
        return entries;
    }

    /**
     * Reports what came of an action.
     *
     * @param attempt what was known of it until now
     * @param permission what the outcome changes for all departures
     */
    public List<Entry> reportOutcome(Action action, Outcome outcome, Attempt attempt, Permission permission) {
        List<Entry> entries = new ArrayList<>();
        entries.add(new Entry.Counted(Count.of(Metric.ACTS, action.label(), outcome.label())));
        if (!(outcome instanceof NotSent)) {
            stages.rememberContent();
        }
        if (permission == Permission.GRANTED) {
            entries.add(identity.entry(
                    LogEvent.ACT_RECOVERED, action.label() + " is allowed now", Map.of(Field.ACT, action.label())));
        }
        switch (outcome) {
            case Succeeded _ -> {
                troubles.reportRecovered(identity, action).ifPresent(entries::add);
                entries.addAll(reportSuccess(action, attempt));
            }
            case NotNeeded _, NotFound _, Described _, Bound _, Renewed _ ->
                troubles.reportRecovered(identity, action).ifPresent(entries::add);
            case Blocked blocked -> {
                if (action instanceof OnPod onPod) {
                    pods.reportBlocked(identity, onPod, blocked).ifPresent(entries::add);
                }
            }
            case Refused(String why) -> reportRefused(action, why).ifPresent(entries::add);
            case Overloaded(String why, var _) ->
                troubles.reportFailed(identity, action, attempt, why).ifPresent(entries::add);
            case Retry(String why) ->
                troubles.reportFailed(identity, action, attempt, why).ifPresent(entries::add);
            case Forbidden(String why) -> {
                if (permission == Permission.MISSING) {
                    entries.add(denied(action, why));
                }
            }
            case NotSent _ -> {}
        }
        return entries;
    }

    private List<Entry> reportSuccess(Action action, Attempt attempt) {
        List<Entry> entries = new ArrayList<>();
        if (action instanceof OnJournal write) {
            entries.addAll(Successes.continued(identity, write));
        }
        if (action instanceof Cordon cordon) {
            identity = identity.journaledAs(cordon.journal());
        }
        entries.addAll(Successes.of(identity, action, attempt));
        return entries;
    }

    private Optional<Entry.Reported> reportRefused(Action action, String why) {
        return switch (action) {
            case OnPod onPod -> pods.reportRefused(identity, onPod, why);
            case OnJournal write -> troubles.reportRefused(identity, write, why);
            default -> Optional.empty();
        };
    }

    private Entry denied(Action action, String why) {
        return identity.entry(
                LogEvent.ACT_DENIED,
                action.label() + " is not allowed, and is tried again: " + why,
                Map.of(Field.ACT, action.label(), Field.REASON, why));
    }
}
