package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.event.Interruption.AsgTermination;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.node.Journal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** However much is announced of one instance, its journal stays short enough to be written. */
class CrowdedJournalPlayTest {
    private static final int ACTIONS = 60;

    private final Play play = new Play(7);

    @Test
    void whatDoesNotFitWaitsUntilTheOthersAreSettled() {
        String longName = "w".repeat(1_600);
        play.pod("web", 0, ofSeconds(5));
        for (int number = 0; number < ACTIONS; number++) {
            LifecycleAction action = new LifecycleAction(longName, longName, "token-" + number, Play.INSTANCE);
            play.notice(new AsgTermination(action, START, Route.DIRECT, false));
        }
        play.runUntil(START.plus(Duration.ofHours(1)));

        assertThat(play.looks())
                .allSatisfy(look -> assertThat(look.snapshot()
                                .journal()
                                .map(Journal::text)
                                .orElse("")
                                .getBytes(StandardCharsets.UTF_8))
                        .hasSizeLessThan(200_000));
        assertThat(play.succeeded(CompleteHook.class)).hasSize(ACTIONS);
        assertThat(play.messages()).isEmpty();
        assertThat(play.isAtRest()).isTrue();
    }
}
