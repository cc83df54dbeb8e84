package dev.glidepath.departure.decision;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.AskForNode;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.OnJournal;
import dev.glidepath.departure.action.Action.OnPod;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.decision.Play.Place;
import dev.glidepath.drain.pod.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Lets a {@link Disturbance} befall the process of a {@link Play} at one of its requests, and nothing ever after. */
final class Disturber implements Play.Witness {
    /** Sooner than a watch is known to be silent. */
    private static final Duration VIEW_CATCHES_UP_AFTER = Duration.ofSeconds(25);

    private static final Duration MESSAGES_REAPPEAR_AFTER = Duration.ofSeconds(30);

    private final Play play;
    private final int number;
    private final Disturbance disturbance;
    private final List<String> completed = new ArrayList<>();
    private int requests;
    private boolean disturbed;
    private Runnable putsBack = () -> {};
    private Map<Place, View> before = Map.of();
    private Map<Place, View> beforeTheLast = Map.of();

    /** What is watched of a node, at one moment. */
    private record View(PlayedNode.Shown node, PlayedPods.View pods) {
        static View of(Place place) {
            return new View(place.node().shown(), place.pods().view());
        }

        View seenAnew(Instant now) {
            return new View(node, pods.seenAnew(now));
        }
    }

    /** @param number of the request, from 1 on */
    Disturber(Play play, int number, Disturbance disturbance) {
        this.play = play;
        this.number = number;
        this.disturbance = disturbance;
    }

    /** Whether there was what could be disturbed. */
    boolean hasDisturbed() {
        return disturbed;
    }

    /** The hooks completed so far, and which pods were there then. */
    List<String> completed() {
        return List.copyOf(completed);
    }

    @Override
    public void before(Place place, Action action) {
        requests++;
        if (requests > number) {
            return;
        }
        Map<Place, View> views = new LinkedHashMap<>();
        play.places().forEach(each -> views.put(each, View.of(each)));
        beforeTheLast = before;
        before = views;
        if (requests == number) {
            disturbBefore(place);
        }
    }

    private void disturbBefore(Place place) {
        boolean hasRoom = place.pods().hasRoom("web");
        if (disturbance == Disturbance.ROOM_BLINKS && hasRoom) {
            disturbed = true;
            place.pods().changeRoom("web", -1);
            putsBack = () -> place.pods().changeRoom("web", 1);
        }
        if (disturbance == Disturbance.JOURNAL_BLINKS && place.node().isThere()) {
            disturbed = true;
            putsBack = place.node().isWrittenOver("{}");
        }
    }

    @Override
    public Optional<Outcome> heard(Place place, Action action, Outcome outcome) {
        if (action instanceof CompleteHook complete && outcome instanceof Succeeded) {
            completed.add(complete + " with " + podsThere());
        }
        if (requests == number) {
            putsBack.run();
            disturb(place, action);
            if (disturbed) {
                return answer(action, outcome);
            }
        }
        return Optional.of(outcome);
    }

    private List<String> podsThere() {
        return play.places().stream()
                .flatMap(place -> place.pods().names().stream())
                .sorted()
                .toList();
    }

    private void disturb(Place place, Action action) {
        switch (disturbance) {
            case KILLED, KILLED_WITH_ALL_UNDER_WAY, KILLED_AND_MESSAGES_COME_LATE, KILLED_AND_ANOTHER_GOES_ON ->
                disturbed = true;
            case ANSWER_LOST -> disturbed = true;
            case VIEW_STANDS_STILL -> {
                disturbed = true;
                show(before);
                if (action instanceof OnJournal || action instanceof AskForNode) {
                    place.node().isAnswered();
                }
            }
            case KILLED_AND_VIEW_IS_OLD -> disturbed = true;
            case KILLED_AND_VIEW_IS_OLDER -> disturbed = !beforeTheLast.isEmpty();
            case NODE_BLINKS -> blink(place.node());
            case POD_REPLACED ->
                replaced(place, action).ifPresent(pod -> {
                    disturbed = true;
                    place.pods()
                            .isReplaced(pod.ref().uid(), "another-" + pod.ref().uid());
                });
            case ROOM_BLINKS, JOURNAL_BLINKS -> {} // while it arrived
        }
    }

    private Optional<Outcome> answer(Action action, Outcome outcome) {
        return switch (disturbance) {
            case KILLED -> kill(action, outcome, true);
            case KILLED_WITH_ALL_UNDER_WAY -> kill(action, outcome, false);
            case KILLED_AND_MESSAGES_COME_LATE -> {
                Optional<Outcome> none = kill(action, outcome, false);
                play.messagesReappearAfter(MESSAGES_REAPPEAR_AFTER);
                yield none;
            }
            case KILLED_AND_ANOTHER_GOES_ON -> {
                forget(action, outcome);
                play.withAnotherReplica().dies(0, MESSAGES_REAPPEAR_AFTER);
                yield Optional.empty();
            }
            case KILLED_AND_VIEW_IS_OLD -> killAndShow(action, outcome, before);
            case KILLED_AND_VIEW_IS_OLDER -> killAndShow(action, outcome, beforeTheLast);
            case ANSWER_LOST -> Optional.of(new Retry("no answer"));
            case VIEW_STANDS_STILL, NODE_BLINKS, ROOM_BLINKS, JOURNAL_BLINKS, POD_REPLACED -> Optional.of(outcome);
        };
    }

    private Optional<Outcome> kill(Action action, Outcome outcome, boolean othersArrive) {
        forget(action, outcome);
        play.restart(() -> othersArrive);
        return Optional.empty();
    }

    /** Messages that were deleted do not come again. */
    private void forget(Action action, Outcome outcome) {
        if (action instanceof DeleteMessages deleted && outcome instanceof Succeeded) {
            play.areDeleted(deleted);
        }
    }

    private Optional<Outcome> killAndShow(Action action, Outcome outcome, Map<Place, View> former) {
        Optional<Outcome> none = kill(action, outcome, true);
        Map<Place, View> anew = new LinkedHashMap<>(former);
        anew.replaceAll((_, view) -> view.seenAnew(play.now()));
        show(anew);
        return none;
    }

    private void show(Map<Place, View> views) {
        views.forEach((place, view) -> {
            place.node().shows(view.node());
            place.pods().shows(view.pods());
        });
        play.at(
                play.now().plus(VIEW_CATCHES_UP_AFTER),
                () -> views.keySet().forEach(place -> {
                    place.node().showsAll();
                    place.pods().showsAll();
                }));
    }

    private void blink(PlayedNode node) {
        if (node.isThere() && node.node().ready()) {
            disturbed = true;
            node.isReady(false);
            node.isReady(true);
        }
    }

    /** The one that the request is about, if it is there yet, or any; nothing starts on a machine that is off. */
    private static Optional<Pod> replaced(Place place, Action action) {
        if (!place.node().isThere() || !place.node().node().ready()) {
            return Optional.empty();
        }
        Optional<Pod> subject = place.pods().there().stream()
                .filter(pod -> action instanceof OnPod onPod && pod.ref().equals(onPod.pod()))
                .findFirst();
        return subject.or(() -> place.pods().there().stream().findFirst());
    }
}
