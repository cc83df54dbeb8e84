package dev.glidepath.departure.sharing;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.departure.action.Stage.Rank;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final Admission admission = new Admission(1);
    private final BlockingQueue<String> turns = new LinkedBlockingQueue<>();

    @Test
    void asManyAsMayAtOnce() throws InterruptedException {
        Admission two = new Admission(2);

        two.begin(Rank.UNDER_WAY);
        two.begin(Rank.UNDER_WAY);
        Thread third = Thread.ofVirtual().start(() -> pass(two, "third", Rank.UNDER_WAY));

        awaitThatItWaits(third);
        assertThat(turns).isEmpty();
        two.end();
        assertThat(turns.poll(1, MINUTES)).isEqualTo("third");
    }

    @Test
    void cordonsComeFirstAndWhatOnlyWaitsLast() throws InterruptedException {
        admission.begin(Rank.UNDER_WAY);
        comes("waits", Rank.WAITING);
        comes("drains", Rank.UNDER_WAY);
        comes("drains too", Rank.UNDER_WAY);
        comes("cordons", Rank.CORDONING);

        admission.end();

        for (String expected : new String[] {"cordons", "drains", "drains too", "waits"}) {
            assertThat(turns.poll(1, MINUTES)).isEqualTo(expected);
        }
    }

    @Test
    void anInterruptLeavesItsTurnToOthers() throws InterruptedException {
        admission.begin(Rank.UNDER_WAY);
        Thread leaves = comes("leaves", Rank.CORDONING);
        comes("stays", Rank.UNDER_WAY);

        leaves.interrupt();
        assertThat(leaves.join(LIMIT)).isTrue();
        admission.end();

        assertThat(turns.poll(1, MINUTES)).isEqualTo("stays");
        assertThat(turns).isEmpty();
    }

    @Test
    void interruptsAndTurnsThatMeetLoseNoTurn() throws InterruptedException {
        for (int round = 0; round < 2_000; round++) {
            admission.begin(Rank.UNDER_WAY);
            Thread leaves = Thread.ofVirtual().start(() -> pass(admission, "leaves", Rank.UNDER_WAY));
            Thread.ofVirtual().start(leaves::interrupt);
            admission.end();
            assertThat(leaves.join(LIMIT)).isTrue();
        }
        Thread last = Thread.ofVirtual().start(() -> pass(admission, "last", Rank.UNDER_WAY));
        assertThat(last.join(LIMIT)).isTrue();
        assertThat(turns).contains("last");
    }

    private Thread comes(String who, Rank rank) {
        Thread thread = Thread.ofVirtual().start(() -> pass(admission, who, rank));
        awaitThatItWaits(thread);
        return thread;
    }

    private void pass(Admission at, String who, Rank rank) {
        try {
            at.begin(rank);
            turns.add(who);
            at.end();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void awaitThatItWaits(Thread thread) {
        await().atMost(LIMIT).until(() -> thread.getState() == Thread.State.WAITING);
    }
}
