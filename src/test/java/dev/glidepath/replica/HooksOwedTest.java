package dev.glidepath.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.InstanceId;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HooksOwedTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");

    private final HooksOwed hooks = new HooksOwed();

    @Test
    void listsOurOwnThenTheCopiesTheNewestFirst() {
        hooks.copy(Set.of(instance(7)), NOON);
        hooks.copy(Set.of(instance(8), instance(9)), NOON.plusSeconds(1));

        assertThat(hooks.list(Set.of(instance(2), instance(1)), NOON.plusSeconds(2)))
                .containsExactly(instance(1), instance(2), instance(8), instance(9), instance(7));
    }

    @Test
    void listsOnceWhatIsOursAndCopied() {
        hooks.copy(Set.of(instance(1)), NOON);

        assertThat(hooks.list(Set.of(instance(1)), NOON)).containsExactly(instance(1));
        assertThat(hooks.isCopied(instance(1))).isTrue();
    }

    @Test
    void forgetsACopyThatIsSettled() {
        hooks.copy(Set.of(instance(1), instance(2)), NOON);

        hooks.settled(instance(1));

        assertThat(hooks.isCopied(instance(1))).isFalse();
        assertThat(hooks.list(Set.of(), NOON)).containsExactly(instance(2));
    }

    @Test
    void forgetsACopyADayAfterItWasFirstMade() {
        hooks.copy(Set.of(instance(1)), NOON);
        hooks.copy(Set.of(instance(1)), NOON.plus(HooksOwed.KEPT_FOR).minusSeconds(2));

        assertThat(hooks.list(Set.of(), NOON.plus(HooksOwed.KEPT_FOR).minusSeconds(1)))
                .containsExactly(instance(1));
        assertThat(hooks.list(Set.of(), NOON.plus(HooksOwed.KEPT_FOR))).isEmpty();
        assertThat(hooks.isCopied(instance(1))).isFalse();
    }

    /** The API server would refuse an annotation that is too long, and with it every renewal. */
    @Test
    void listFitsIntoAnAnnotationWithOurOwnFirst() {
        Set<InstanceId> copies =
                IntStream.range(0, 20_000).mapToObj(HooksOwedTest::instance).collect(Collectors.toSet());
        hooks.copy(copies, NOON);

        List<InstanceId> list = hooks.list(Set.of(instance(99_999)), NOON);

        assertThat(list).startsWith(instance(99_999)).hasSize(HooksOwed.MOST);
        assertThat(ReplicaLease.text("glidepath", "pod-0", "", "pod-0/5eed", NOON, list))
                .hasSizeLessThan(262_144);
    }

    private static InstanceId instance(int number) {
        return new InstanceId("i-%017x".formatted(number));
    }
}
