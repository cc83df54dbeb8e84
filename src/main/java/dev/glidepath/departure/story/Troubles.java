package dev.glidepath.departure.story;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.snapshot.Attempt;
import dev.glidepath.departure.story.Entry.Reported;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Actions that fail again and again: reported when that begins, and when it ends. */
final class Troubles {
    /** What fails once or twice in a row is daily life: a conflict, a hiccup. */
    private static final int TRIES_BEFORE_TROUBLE = 3;

    private final Set<Action.Key> inTrouble = new HashSet<>();

    /** It did not work, and is tried again. */
    Optional<Reported> reportFailed(Identity identity, Action action, Attempt attempt, String why) {
        return attempt.tries() >= TRIES_BEFORE_TROUBLE && inTrouble.add(action.key())
                ? Optional.of(identity.entry(LogEvent.ACT_FAILED, failure(action, why), fields(action, why)))
                : Optional.empty();
    }

    /** Somebody refuses a change to the node. */
    Optional<Reported> reportRefused(Identity identity, OnJournal action, String why) {
        return inTrouble.add(action.key())
                ? Optional.of(identity.entryOnNode(
                        LogEvent.ACT_FAILED,
                        failure(action, why),
                        fields(action, why),
                        action.label() + " is refused, and is tried again: " + why))
                : Optional.empty();
    }

    /** It works. */
    Optional<Reported> reportRecovered(Identity identity, Action action) {
        return inTrouble.remove(action.key())
                ? Optional.of(identity.entry(
                        LogEvent.ACT_RECOVERED, action.label() + " works again", Map.of(Field.ACT, action.label())))
                : Optional.empty();
    }

    private static String failure(Action action, String why) {
        return action.label() + " fails, and is tried again: " + why;
    }

    private static Map<Field, Object> fields(Action action, String why) {
        return Map.of(Field.ACT, action.label(), Field.REASON, why);
    }
}
