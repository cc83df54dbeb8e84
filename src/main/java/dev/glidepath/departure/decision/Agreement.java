package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.HandBack;
import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.queue.DeliveryId;
import dev.glidepath.queue.MessageId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is decided for each node of one instance, brought together: what they do for the instance is done once, and a message is
 * deleted, or handed back, only if none of them needs it any more.
 */
public final class Agreement {
    private final List<Decision> decisions;

    private Agreement(List<Decision> decisions) {
        this.decisions = decisions;
    }

    /** The same decisions in the same order, without what is done already or too early. Pure. */
    public static List<Decision> of(List<Decision> decisions) {
        return decisions.size() == 1 ? decisions : new Agreement(decisions).agreed();
    }

    private List<Decision> agreed() {
        Set<Action.Key> begun = new HashSet<>();
        List<Decision> agreed = new ArrayList<>();
        for (Decision decision : decisions) {
            List<Action> actions = decision.actions().stream()
                    .flatMap(action -> agreed(action).stream())
                    .filter(action -> !action.isOfInstance() || begun.add(action.key()))
                    .toList();
            agreed.add(decision.with(actions));
        }
        return agreed;
    }

    private Optional<Action> agreed(Action action) {
        return switch (action) {
            case DeleteMessages(Set<MessageId> messages, Ending ending) ->
                Optional.of(messages.stream()
                                .filter(message -> decisions.stream()
                                        .allMatch(each -> deleted(each).contains(message)))
                                .collect(Collectors.toSet()))
                        .filter(all -> !all.isEmpty())
                        .map(all -> new DeleteMessages(all, ending));
            case HandBack(Set<DeliveryId> deliveries, boolean atOnce) ->
                Optional.of(deliveries.stream()
                                .filter(delivery -> decisions.stream().allMatch(each -> letsGo(each, delivery)))
                                .collect(Collectors.toSet()))
                        .filter(all -> !all.isEmpty())
                        .map(all -> new HandBack(all, atOnce));
            default -> Optional.of(action);
        };
    }

    private static boolean letsGo(Decision decision, DeliveryId delivery) {
        return deleted(decision).contains(delivery.message())
                || actsOf(decision, HandBack.class)
                        .anyMatch(handBack -> handBack.deliveries().contains(delivery));
    }

    private static Set<MessageId> deleted(Decision decision) {
        return actsOf(decision, DeleteMessages.class)
                .flatMap(delete -> delete.messages().stream())
                .collect(Collectors.toSet());
    }

    private static <A extends Action> Stream<A> actsOf(Decision decision, Class<A> sort) {
        return decision.actions().stream().filter(sort::isInstance).map(sort::cast);
    }
}
