package dev.glidepath.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.InstanceId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HooksOwedTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");

    private final HooksOwed hooks = new HooksOwed();

    @Test
    void listsOurOwnAndTheCopiesEachWithItsWitness() {
        hooks.copy(seenBy("a", 7), NOON);
        hooks.copy(seenBy("b", 8, 9), NOON.plusSeconds(1));

        assertThat(hooks.list(seenBy("us", 2, 1), NOON.plusSeconds(2)).byWitness())
                .isEqualTo(Map.of("us", instances(1, 2), "a", instances(7), "b", instances(8, 9)));
    }

    @Test
    void listsOnceWhatIsOursAndCopied() {
        hooks.copy(seenBy("a", 1), NOON);

        assertThat(hooks.list(seenBy("us", 1), NOON)).isEqualTo(seenBy("us", 1));
        assertThat(hooks.witnessOf(instance(1))).contains("a");
    }

    @Test
    void forgetsACopyThatIsSettled() {
        hooks.copy(seenBy("a", 1, 2), NOON);

        hooks.settled(instance(1));

        assertThat(hooks.witnessOf(instance(1))).isEmpty();
        assertThat(hooks.list(PendingHooks.NONE, NOON).byWitness())
                .isEqualTo(seenBy("a", 2).byWitness());
    }

    @Test
    void forgetsACopyADayAfterItWasFirstMade() {
        hooks.copy(seenBy("a", 1), NOON);
        hooks.copy(seenBy("b", 1), NOON.plus(HooksOwed.KEPT_FOR).minusSeconds(2));

        assertThat(hooks.list(PendingHooks.NONE, NOON.plus(HooksOwed.KEPT_FOR).minusSeconds(1))
                        .byWitness())
                .isEqualTo(seenBy("a", 1).byWitness());
        assertThat(hooks.list(PendingHooks.NONE, NOON.plus(HooksOwed.KEPT_FOR)).isEmpty())
                .isTrue();
        assertThat(hooks.witnessOf(instance(1))).isEmpty();
    }

    /** Replicas that are replaced each night hand it on: it must not live for ever. */
    @Test
    void forgetsWhatWasHandedOnADayAfterItWasFirstCopied() {
        HooksOwed next = new HooksOwed();
        hooks.copy(seenBy("a", 1), NOON);
        PendingHooks handedOn = PendingHooks.parse(
                hooks.list(PendingHooks.NONE, NOON.plus(Duration.ofHours(20))).text());

        next.copy(handedOn, NOON.plus(Duration.ofHours(20)));

        assertThat(next.list(PendingHooks.NONE, NOON.plus(Duration.ofHours(23))).byWitness())
                .isEqualTo(seenBy("a", 1).byWitness());
        assertThat(next.list(PendingHooks.NONE, NOON.plus(Duration.ofHours(24))).isEmpty())
                .isTrue();
    }

    /** Somebody's clock is ahead. */
    @Test
    void whatWasCopiedLaterThanNowIsCopiedNow() {
        hooks.copy(
                new PendingHooks(seenBy("a", 1).byWitness(), Map.of(instance(1), NOON.plus(Duration.ofDays(900)))),
                NOON);

        assertThat(hooks.list(PendingHooks.NONE, NOON.plus(HooksOwed.KEPT_FOR)).isEmpty())
                .isTrue();
    }

    /** The API server would refuse an annotation that is too long, and with it every renewal. */
    @Test
    void listFitsIntoAnAnnotationWithOurOwnFirstThenTheNewest() {
        hooks.copy(seenBy("old", IntStream.range(0, 20_000).toArray()), NOON);
        for (int witness = 0; witness < 100; witness++) {
            hooks.copy(seenBy("pod-of-a-long-name-" + witness, 30_000 + witness), NOON.plusSeconds(1));
        }

        PendingHooks list = hooks.list(seenBy("us", 99_999), NOON.plusSeconds(2));

        assertThat(list.text().length()).isBetween(HooksOwed.MOST_CHARACTERS - 500, HooksOwed.MOST_CHARACTERS);
        assertThat(list.covers(seenBy("us", 99_999))).isTrue();
        assertThat(list.covers(seenBy("any", IntStream.range(30_000, 30_100).toArray())))
                .isTrue();
    }

    private static PendingHooks seenBy(String witness, int... numbers) {
        return new PendingHooks(Map.of(witness, instances(numbers)));
    }

    private static Set<InstanceId> instances(int... numbers) {
        return IntStream.of(numbers).mapToObj(HooksOwedTest::instance).collect(Collectors.toSet());
    }

    private static InstanceId instance(int number) {
        return new InstanceId("i-%017x".formatted(number));
    }
}
