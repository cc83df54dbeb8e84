package dev.glidepath.departure.story;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.AskForNode;
import dev.glidepath.departure.action.Action.AskKubelet;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.Cordon;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.FindVolume;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Action.MarkDisrupted;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.PutBackInService;
import dev.glidepath.departure.action.Action.SettleJournal;
import dev.glidepath.departure.action.Action.TakeOutOfService;
import dev.glidepath.departure.action.Action.Undo;
import dev.glidepath.departure.action.Action.UpdateJournal;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.snapshot.Attempt;
import dev.glidepath.departure.story.Entry.Reported;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.HookResult;
import dev.glidepath.node.Journal;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.queue.MessageId;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What an action that succeeded has changed. */
final class Successes {
    private Successes() {}

    /** What a write to the journal changes about a departure under way, whatever else is written. */
    static List<Reported> continued(Identity identity, OnJournal write) {
        Optional<Reported> takenOver = write.takesOver()
                ? Optional.of(identity.entry(
                        LogEvent.DEPARTURE_TAKEN_OVER, "taken over from a replica that is gone", Map.of()))
                : Optional.empty();
        Optional<Reported> moved = write.movesDeadlineTo()
                .map(deadline -> identity.entry(
                        LogEvent.DEADLINE_MOVED, "the deadline has moved", Map.of(Field.DEADLINE, deadline)));
        return Stream.of(takenOver, moved).flatMap(Optional::stream).toList();
    }

    static List<Reported> of(Identity identity, Action action, Attempt attempt) {
        return switch (action) {
            case Cordon cordon -> {
                String kind = cordon.kind().label();
                yield List.of(identity.entryOnNode(
                        LogEvent.NODE_CORDONED,
                        "cordoned and tainted",
                        Map.of(Field.REASON, kind),
                        "Cordoned and tainted for " + kind));
            }
            case UpdateJournal(Journal journal, var _) ->
                planned(identity, journal).stream().toList();
            case Undo(Journal journal, var _, Ending ending) ->
                Stream.concat(
                                Stream.of(identity.entryOnNode(
                                        LogEvent.NODE_RESTORED,
                                        "what we changed on the node is taken back",
                                        Map.of(Field.OUTCOME, ending.reason()),
                                        "What was changed for its departure is taken back: " + ending.reason())),
                                planned(identity, journal).stream())
                        .toList();
            case SettleJournal(Journal journal, var _, var _, var _) ->
                planned(identity, journal).stream().toList();
            case Evict(PodRef pod, var _) ->
                List.of(identity.entry(LogEvent.POD_EVICTED, "evicted " + pod, evicted(pod, attempt)));
            case LastCall(PodRef pod, var _) ->
                List.of(identity.entry(
                        LogEvent.POD_EVICTED, "evicted " + pod + " at its last call", evicted(pod, attempt)));
            case Delete(PodRef pod, var _) ->
                List.of(identity.entryOnPod(
                        pod,
                        LogEvent.POD_DELETED,
                        "deleted " + pod + " past its budgets",
                        evicted(pod, attempt),
                        "Deleted at its last call: its last eviction was refused, or had no effect"));
            case TakeOutOfService _ ->
                List.of(identity.entry(
                        LogEvent.NODE_OUT_OF_SERVICE, "the machine is off; tainted as out of service", Map.of()));
            case PutBackInService _ ->
                List.of(identity.entry(LogEvent.NODE_BACK_IN_SERVICE, "no longer tainted as out of service", Map.of()));
            case Heartbeat(LifecycleAction held) ->
                List.of(identity.entry(LogEvent.LIFECYCLE_HEARTBEAT, "heartbeat sent", HookFields.of(held)));
            case CompleteHook(LifecycleAction held, HookResult result) ->
                List.of(identity.entry(
                        LogEvent.LIFECYCLE_COMPLETED,
                        "lifecycle action completed",
                        HookFields.of(held, Field.OUTCOME, result.name().toLowerCase(Locale.ROOT))));
            case DeleteMessages(Set<MessageId> messages, var _) ->
                List.of(identity.entry(
                        LogEvent.MESSAGE_DELETED,
                        "deleted %d messages".formatted(messages.size()),
                        Map.of(Field.MESSAGES, messages.size())));
            case HandBack handBack -> {
                int messages = handBack.deliveries().size();
                yield List.of(identity.entry(
                        LogEvent.MESSAGE_HANDED_BACK,
                        "handed back %d messages, for another replica".formatted(messages),
                        Map.of(Field.MESSAGES, messages)));
            }
            case ListPods _, FindVolume _, MarkDisrupted _, DescribeHook _, AskForNode _, AskKubelet _ -> List.of();
        };
    }

    private static Optional<Reported> planned(Identity identity, Journal journal) {
        if (journal.state() != Journal.State.PLANNED) {
            return Optional.empty();
        }
        Map<Field, Object> fields = new EnumMap<>(Field.class);
        journal.term().ifPresent(term -> fields.put(Field.DEADLINE, term.deadline()));
        return Optional.of(identity.entry(LogEvent.DEPARTURE_PLANNED, "journaled on the node, for later", fields));
    }

    private static Map<Field, Object> evicted(PodRef pod, Attempt attempt) {
        Map<Field, Object> fields = new EnumMap<>(Map.of(Field.POD, pod));
        fields.putAll(DrainSummary.blocked(attempt.blockedBy(), attempt.blockedFor()));
        return fields;
    }
}
