package dev.glidepath.departure.sharing;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.glidepath.event.InstanceId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BurstTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final InstanceId ONE = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final InstanceId OTHER = new InstanceId("i-0a1b2c3d4e5f60002");

    private Instant now = NOON;
    private final AtomicInteger ends = new AtomicInteger();
    private final Burst burst = new Burst(() -> now, ends::incrementAndGet);

    @Test
    void nobodyWaitsWhereThereIsNone() {
        burst.received(0);
        burst.received(10);

        assertThat(burst.isOn()).isFalse();
        assertThat(burst.drainsFrom(ONE)).isBefore(NOON);
        assertThat(ends).hasValue(0);
    }

    @Test
    void endsWhenTheQueueIsQuietAndEveryNodeHasItsCordon() {
        burst.noticed(ONE);
        burst.received(1);
        burst.cordoned(ONE);
        after(ofMillis(499));
        burst.received(0);
        burst.received(0);
        assertThat(burst.isOn()).isTrue();
        after(ofMillis(1));

        burst.received(0);

        assertThat(burst.isOn()).isFalse();
        assertThat(ends).hasValue(1);
    }

    @Test
    void comesFirstUntilEachNodeHasItsCordonThoughItIsOver() {
        assertThat(burst.comesFirst()).isFalse();
        burst.noticed(ONE);
        burst.noticed(OTHER);
        burst.cordoned(ONE);
        assertThat(burst.comesFirst()).isTrue();
        after(ofSeconds(3));
        burst.received(0);
        assertThat(burst.isOn()).isFalse();
        assertThat(burst.comesFirst()).isTrue();

        burst.cordoned(OTHER);

        assertThat(burst.comesFirst()).isFalse();
    }

    @Test
    void aNodeThatIsNotCordonedForLongComesFirstNoMore() {
        burst.noticed(ONE);
        after(ofMillis(4_999));
        assertThat(burst.comesFirst()).isTrue();

        after(ofMillis(1));

        assertThat(burst.comesFirst()).isFalse();
    }

    @Test
    void theLatestNoticeSaysHowLongItComesFirst() {
        burst.noticed(ONE);
        burst.noticed(OTHER);
        after(ofSeconds(4));
        burst.noticed(ONE);
        after(ofSeconds(4));
        assertThat(burst.comesFirst()).isTrue();

        burst.cordoned(ONE);

        assertThat(burst.comesFirst()).isFalse();
    }

    @Test
    void aWaitForCordonsEndsWithTheLastOfThem() throws Exception {
        burst.awaitCordons(ofSeconds(60)); // there are none
        burst.noticed(ONE);
        burst.noticed(OTHER);
        CompletableFuture<Void> waited = waitingForCordons();
        burst.cordoned(ONE);
        assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> waited.get(100, TimeUnit.MILLISECONDS));

        burst.cordoned(OTHER);

        waited.get(30, TimeUnit.SECONDS);
    }

    @Test
    void aCordonThatTakesLongKeepsNothingWaiting() throws Exception {
        burst.noticed(ONE);
        after(ofSeconds(6));
        burst.noticed(OTHER);
        CompletableFuture<Void> waited = waitingForCordons();
        assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> waited.get(100, TimeUnit.MILLISECONDS));

        burst.cordoned(OTHER);

        waited.get(30, TimeUnit.SECONDS);
    }

    @Test
    void whatNeverEndsIsNoBacklog() {
        for (int i = 0; i < 39; i++) {
            burst.received(10);
            after(ofMillis(250));
        }
        assertThat(burst.comesFirst()).isTrue();
        burst.received(10);
        after(ofMillis(250));
        burst.received(10);

        assertThat(burst.comesFirst()).isFalse();

        after(ofMillis(500));
        burst.received(10);
        assertThat(burst.comesFirst()).as("another backlog").isTrue();
    }

    @Test
    void aWaitForCordonsEndsInTime() throws Exception {
        burst.noticed(ONE);

        burst.awaitCordons(ofMillis(10));

        assertThat(burst.comesFirst()).isTrue();
    }

    @Test
    void aQueueThatGivesAllAReceiveHoldsComesFirst() {
        burst.received(9);
        assertThat(burst.comesFirst()).isFalse();
        burst.received(10);
        after(ofMillis(499));
        assertThat(burst.comesFirst()).isTrue();

        after(ofMillis(1));

        assertThat(burst.comesFirst()).isFalse();
    }

    @Test
    void aClockThatIsSetBackPutsNothingFirst() {
        burst.noticed(ONE);
        burst.received(10);

        now = NOON.minus(Duration.ofMinutes(5));

        assertThat(burst.comesFirst()).isFalse();
    }

    @Test
    void aClockThatIsSetBackHoldsUpNoDrain() {
        burst.noticed(ONE);
        burst.received(1);

        now = NOON.minus(Duration.ofMinutes(5));
        assertThat(burst.isOn()).isFalse();
        assertThat(burst.drainsFrom(ONE)).isBefore(now);
        burst.received(0);

        assertThat(ends).hasValue(1);
    }

    @Test
    void endsWithTheLastCordonWhenNothingMoreHasCome() {
        burst.noticed(ONE);
        burst.noticed(OTHER);
        burst.received(2);
        burst.cordoned(ONE);
        after(ofMillis(500));
        burst.received(0);
        burst.received(0);
        assertThat(burst.isOn()).isTrue();

        burst.cordoned(OTHER);

        assertThat(burst.isOn()).isFalse();
        assertThat(ends).hasValue(1);
    }

    @Test
    void oneEmptyReceiveIsNoQuietHoweverLongItTook() {
        burst.noticed(ONE);
        burst.received(1);
        burst.cordoned(ONE);
        after(ofMillis(900));
        burst.received(0);

        assertThat(burst.isOn()).isTrue();
    }

    @Test
    void aReceiveOfNoiseBetweenTwoEmptyOnesDoesNotLetItEnd() {
        burst.noticed(ONE);
        burst.cordoned(ONE);
        burst.received(0);
        burst.received(10);
        burst.received(0);

        assertThat(burst.isOn()).isTrue();
    }

    @Test
    void emptyReceivesBeforeItDoNotCount() {
        burst.received(0);
        burst.received(0);
        burst.noticed(ONE);
        burst.cordoned(ONE);
        burst.received(0);

        assertThat(burst.isOn()).isTrue();
    }

    @Test
    void lastsTwoSecondsAtMostHoweverManyMoreCome() {
        burst.noticed(ONE);
        after(ofMillis(1_900));
        burst.noticed(OTHER);
        assertThat(burst.drainsFrom(OTHER)).isEqualTo(NOON.plus(ofSeconds(2)));
        after(ofMillis(99));
        assertThat(burst.isOn()).isTrue();

        after(ofMillis(1));

        assertThat(burst.isOn()).isFalse();
    }

    @Test
    void theNextNoticeAfterItBeginsAnother() {
        burst.noticed(ONE);
        burst.cordoned(ONE);
        burst.received(0);
        burst.received(0);
        after(ofSeconds(1));

        burst.noticed(OTHER);

        assertThat(burst.drainsFrom(OTHER)).isEqualTo(NOON.plus(ofSeconds(3)));
        burst.cordoned(OTHER);
        burst.received(0);
        assertThat(burst.isOn()).isTrue();
    }

    @Test
    void aNoticeThatComesWhenItsTimeIsOverBeginsAnother() {
        burst.noticed(ONE);
        after(ofSeconds(60));

        burst.noticed(OTHER);

        assertThat(burst.isOn()).isTrue();
    }

    @Test
    void noticesWithoutEndHoldNoDepartureBackForLongerThanItsOwnBurst() {
        Map<InstanceId, Instant> heldBackSince = new HashMap<>();
        SortedSet<Duration> heldBackFor = new TreeSet<>();
        for (int i = 0; i < 600; i++) {
            InstanceId instance = new InstanceId("i-%017x".formatted(i));
            burst.noticed(instance);
            burst.received(1);
            heldBackSince.put(instance, now);
            heldBackSince.entrySet().removeIf(held -> {
                boolean isHeldBack = now.isBefore(burst.drainsFrom(held.getKey()));
                heldBackFor.add(Duration.between(held.getValue(), now));
                return !isHeldBack;
            });
            burst.cordoned(instance);
            after(ofMillis(33));
        }

        assertThat(heldBackFor.last()).isBetween(ofMillis(1_900), ofMillis(2_033));
    }

    @Test
    void aSecondNoticeOfADepartureWhoseBurstIsOverHoldsItBackNoMore() {
        burst.noticed(ONE);
        after(ofSeconds(2));
        burst.noticed(OTHER);

        burst.noticed(ONE);

        assertThat(burst.drainsFrom(ONE)).isBeforeOrEqualTo(now);
        assertThat(burst.drainsFrom(OTHER)).isEqualTo(now.plusSeconds(2));
    }

    @Test
    void aDepartureThatWasNoticedLongAgoTakesPartInAnotherBurst() {
        burst.noticed(ONE);
        after(ofSeconds(60));

        burst.noticed(ONE);

        assertThat(burst.drainsFrom(ONE)).isEqualTo(now.plusSeconds(2));
    }

    @Test
    void aDepartureOfWhichNoNoticeCameWaitsForTheBurstThatIsOn() {
        burst.noticed(ONE);
        after(ofSeconds(1));

        assertThat(burst.drainsFrom(OTHER)).isEqualTo(NOON.plusSeconds(2));
        after(ofSeconds(1));
        burst.noticed(ONE);

        assertThat(burst.drainsFrom(OTHER)).isBeforeOrEqualTo(now);
    }

    @Test
    void aBurstThatEndsEarlyEndsForAllItsDepartures() {
        burst.noticed(ONE);
        burst.noticed(OTHER);
        burst.cordoned(ONE);
        burst.cordoned(OTHER);
        after(ofMillis(600));
        burst.received(0);
        burst.received(0);

        burst.noticed(new InstanceId("i-0a1b2c3d4e5f60003"));

        assertThat(burst.drainsFrom(ONE)).isBefore(now);
        assertThat(burst.drainsFrom(OTHER)).isBefore(now);
    }

    private CompletableFuture<Void> waitingForCordons() {
        return CompletableFuture.runAsync(() -> {
            try {
                burst.awaitCordons(ofSeconds(60));
            } catch (InterruptedException never) {
                throw new CompletionException(never);
            }
        });
    }

    private void after(Duration time) {
        now = now.plus(time);
    }
}
