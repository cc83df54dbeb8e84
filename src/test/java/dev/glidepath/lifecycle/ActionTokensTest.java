package dev.glidepath.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.LifecycleToken;
import org.junit.jupiter.api.Test;

class ActionTokensTest {
    private static final InstanceId INSTANCE = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final InstanceId OTHER = new InstanceId("i-0a1b2c3d4e5f60002");

    private final ActionTokens tokens = new ActionTokens();

    @Test
    void findsWhatItHeardOf() {
        tokens.learn(token(1), notice(1));

        assertThat(tokens.of(action(1))).contains(token(1));
        assertThat(tokens.of(action(2))).isEmpty();
    }

    @Test
    void forgetsTheOldestOfVeryMany() {
        for (int number = 0; number < 10_000; number++) {
            tokens.learn(token(number), notice(number));
        }
        tokens.learn(token(0), notice(0));
        tokens.learn(token(10_000), notice(10_000));

        assertThat(tokens.of(action(0))).as("heard of again").contains(token(0));
        assertThat(tokens.of(action(1))).isEmpty();
        assertThat(tokens.of(action(10_000))).contains(token(10_000));
    }

    /** Its message is held here, and does not come again. */
    @Test
    void oneThatIsAskedForIsNotForgottenHoweverManyOthersAreHeardOf() {
        tokens.learn(token(0), notice(0));
        for (int number = 1; number < 30_000; number++) {
            tokens.learn(token(number), notice(number));
            if (number % 9_000 == 0) {
                assertThat(tokens.of(action(0))).contains(token(0));
            }
        }

        assertThat(tokens.of(action(0))).contains(token(0));
        assertThat(tokens.of(action(1))).isEmpty();
    }

    /** A journal can be written by whoever may change its node: a hash that was copied from another is worth nothing. */
    @Test
    void theTokenOfOneInstanceIsNotUsedForAnother() {
        tokens.learn(token(1), notice(1));

        assertThat(tokens.of(LifecycleAction.of("workers", "drain", token(1), OTHER)))
                .isEmpty();
    }

    /** Names are what says whose a hook is. */
    @Test
    void theTokenOfOneHookIsNotUsedForAnotherNameOrGroup() {
        tokens.learn(token(1), notice(1));

        assertThat(tokens.of(LifecycleAction.of("workers", "glidepath", token(1), INSTANCE)))
                .isEmpty();
        assertThat(tokens.of(LifecycleAction.of("glidepath", "drain", token(1), INSTANCE)))
                .isEmpty();
        assertThat(tokens.noticeOf(LifecycleAction.of("workers", "glidepath", token(1), INSTANCE)))
                .isEmpty();
    }

    /** By them the other hooks of the group are told from ours. */
    @Test
    void hooksThatNotifiedUsAreKnownAfterTheirActions() {
        tokens.learn(token(1), new ActionNotice(action(1), Route.DIRECT));
        tokens.learn(token(2), new ActionNotice(action(2), Route.DIRECT));
        tokens.learn(
                token(3),
                new ActionNotice(LifecycleAction.of("others", "drain", token(3), INSTANCE), Route.EVENT_BRIDGE));

        assertThat(tokens.directOf("workers")).containsExactly(new ActionNotice(action(2), Route.DIRECT));
        assertThat(tokens.directOf("others")).isEmpty();
    }

    @Test
    void ruleOfEventBridgeDoesNotHideThatAHookAnnouncedItself() {
        ActionNotice direct = new ActionNotice(action(1), Route.DIRECT);
        tokens.learn(token(1), notice(1));
        assertThat(tokens.noticeOf(action(1))).contains(notice(1));

        tokens.learn(token(1), direct);
        tokens.learn(token(1), notice(1));

        assertThat(tokens.noticeOf(action(1))).contains(direct);
    }

    private static ActionNotice notice(int number) {
        return new ActionNotice(action(number), Route.EVENT_BRIDGE);
    }

    private static LifecycleToken token(int number) {
        return new LifecycleToken("token-" + number);
    }

    private static LifecycleAction action(int number) {
        return LifecycleAction.of("workers", "drain", token(number), INSTANCE);
    }
}
