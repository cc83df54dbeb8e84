package dev.glidepath.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.InstanceId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LivenessTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final String HOLDER = "pod-0/5eed";
    private static final InstanceId INSTANCE = new InstanceId("i-0a1b2c3d4e5f60001");

    private final Liveness liveness = new Liveness();

    @Test
    void claimIsFreeWhenItsHoldersLeaseHasStoodStillForFifteenSeconds() {
        liveness.saw(lease(HOLDER, "1"), at(0));
        assertThat(liveness.freeAt(HOLDER, at(1))).isEqualTo(at(15));

        liveness.saw(lease(HOLDER, "2"), at(5));

        assertThat(liveness.freeAt(HOLDER, at(6))).isEqualTo(at(20));
        assertThat(liveness.freeAt(HOLDER, at(60))).isEqualTo(at(20));
    }

    /** Whatever time its holder writes: no clock is compared with another. */
    @Test
    void onlyThatTheTimeChangesCounts() {
        liveness.saw(lease(HOLDER, "2036-01-01T00:00:00.000000Z"), at(0));
        liveness.saw(lease(HOLDER, "2016-01-01T00:00:00.000000Z"), at(7));

        assertThat(liveness.freeAt(HOLDER, at(8))).isEqualTo(at(22));
    }

    @Test
    void changeThatIsNoRenewalDoesNotKeepAClaim() {
        liveness.saw(lease(HOLDER, "1"), at(0));
        liveness.saw(
                SampleLease.of("pod-0", "9", HOLDER, "1", new PendingHooks(Map.of(HOLDER, Set.of(INSTANCE)))), at(10));

        assertThat(liveness.freeAt(HOLDER, at(11))).isEqualTo(at(15));
    }

    @Test
    void claimOfAHolderWithoutALeaseIsFreeASecondAfterThatWasNoticed() {
        assertThat(liveness.freeAt(HOLDER, at(3))).isEqualTo(at(4));
        assertThat(liveness.freeAt(HOLDER, at(9))).isEqualTo(at(4));
    }

    @Test
    void leaseThatComesLateMakesItsHolderALivingOne() {
        liveness.freeAt(HOLDER, at(0));

        liveness.saw(lease(HOLDER, "1"), at(0));

        assertThat(liveness.freeAt(HOLDER, at(1))).isEqualTo(at(15));
    }

    @Test
    void claimOfAnEarlierProcessIsFreeASecondAfterTheNextWasSeen() {
        liveness.saw(lease(HOLDER, "1"), at(0));
        liveness.saw(lease("pod-0/cafe", "2"), at(4));

        assertThat(liveness.freeAt(HOLDER, at(60))).isEqualTo(at(5));
        assertThat(liveness.freeAt("pod-0/cafe", at(6))).isEqualTo(at(19));
    }

    @Test
    void claimOfAReplicaThatReleasedItsLeaseIsFreeASecondLater() {
        liveness.saw(lease(HOLDER, "1"), at(0));
        liveness.saw(lease("", "1"), at(4));

        assertThat(liveness.freeAt(HOLDER, at(60))).isEqualTo(at(5));
    }

    @Test
    void claimOfAReplicaWhoseLeaseIsDeletedIsFreeASecondLater() {
        liveness.saw(lease(HOLDER, "1"), at(0));
        liveness.gone("pod-0", at(4));

        assertThat(liveness.freeAt(HOLDER, at(60))).isEqualTo(at(5));
    }

    @Test
    void whatIsNoHoldersNameHoldsNothing() {
        liveness.saw(lease(HOLDER, "1"), at(0));

        assertThat(liveness.freeAt("pod-0", at(2))).isEqualTo(at(3));
        assertThat(liveness.freeAt("", at(2))).isEqualTo(at(3));
    }

    @Test
    void renewalIsNoNewsButAllElseIs() {
        assertThat(liveness.saw(lease(HOLDER, "1"), at(0))).isTrue();
        assertThat(liveness.saw(lease(HOLDER, "2"), at(5))).isFalse();
        assertThat(liveness.saw(
                        SampleLease.of("pod-0", "9", HOLDER, "3", new PendingHooks(Map.of(HOLDER, Set.of(INSTANCE)))),
                        at(10)))
                .isTrue();
        assertThat(liveness.saw(lease("pod-0/cafe", "3"), at(10))).isTrue();
    }

    @Test
    void tellsWhetherAHolderWasSeenToRenew() {
        Duration within = Duration.ofSeconds(8);
        assertThat(liveness.hasMoved(HOLDER, within, at(0))).isFalse();

        liveness.saw(lease(HOLDER, "1"), at(0));

        assertThat(liveness.hasMoved(HOLDER, within, at(7))).isTrue();
        assertThat(liveness.hasMoved(HOLDER, within, at(8))).isFalse();
        assertThat(liveness.hasMoved("pod-0/cafe", within, at(1))).isFalse();
    }

    @Test
    void aReplicaIsDeadOnceReleasedOrSilentForFiveMinutes() {
        assertThat(liveness.isDead("pod-0", at(0))).isFalse();
        liveness.saw(lease(HOLDER, "1"), at(0));
        assertThat(liveness.isDead("pod-0", at(299))).isFalse();
        assertThat(liveness.isDead("pod-0", at(300))).isTrue();

        liveness.saw(lease(HOLDER, "2"), at(300));
        assertThat(liveness.isDead("pod-0", at(300))).isFalse();

        liveness.saw(lease("", "2"), at(301));
        assertThat(liveness.isDead("pod-0", at(301))).isTrue();
    }

    private static ReplicaLease lease(String holder, String renewTime) {
        return SampleLease.of("pod-0", "7", holder, renewTime, PendingHooks.NONE);
    }

    private static Instant at(long seconds) {
        return NOON.plusSeconds(seconds);
    }
}
