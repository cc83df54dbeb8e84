package dev.glidepath.drain.gate;

import static dev.glidepath.drain.gate.GateSamples.START;
import static dev.glidepath.drain.gate.GateSamples.WEB;
import static dev.glidepath.drain.gate.GateSamples.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.gate.Gate.Request;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WaitingQueueTest {
    private final WaitingQueue queue = new WaitingQueue();
    private long entered;

    @Test
    void walksFromTheMostUrgentToTheLeast() {
        add("late", 30, Instant.MAX);
        add("soon", 10, Instant.MAX);
        add("between", 20, Instant.MAX);

        assertThat(walk()).containsExactly("soon", "between", "late");
    }

    @Test
    void amongEquallyUrgentTheFirstComesFirst() {
        add("first", 10, Instant.MAX);
        add("second", 10, Instant.MAX);

        assertThat(walk()).containsExactly("first", "second");
    }

    @Test
    void walkMeetsOnlyTheFirstOfALine() {
        add("web", 20, Instant.MAX, WEB);
        add("web", 10, Instant.MAX, WEB);
        add("web", 30, Instant.MAX, WEB);

        assertThat(queue.first()).map(Ticket::number).contains(2L);
        assertThat(walk()).hasSize(1);
    }

    @Test
    void nextInALineFollowsWhenItsFirstHasGone() {
        Ticket first = add("web", 10, Instant.MAX, WEB);
        Ticket second = add("web", 20, Instant.MAX, WEB);

        queue.remove(first);

        assertThat(queue.after(first)).contains(second);
        queue.remove(second);
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void lastCallThatComesLeavesItsLine() {
        Ticket first = add("web", 10, Instant.MAX, WEB);
        Ticket called = add("web", 20, START.plusSeconds(5), WEB);
        assertThat(queue.hasLastCalls()).isFalse();

        queue.callForTheLastTime(START.plusSeconds(5));

        assertThat(called.isLastCall()).isTrue();
        assertThat(queue.hasLastCalls()).isTrue();
        assertThat(queue.after(first)).contains(called);
    }

    @Test
    void lastCallThatLeavesCountsNoMore() {
        Ticket called = add("web", 10, Instant.MIN);

        queue.remove(called);

        assertThat(queue.hasLastCalls()).isFalse();
    }

    @Test
    void othersAreThoseOfAnotherShare() {
        Ticket shop = add("shop", 10, Instant.MAX);
        assertThat(queue.hasOthersThan(shop.share())).isFalse();

        add("billing", 20, Instant.MAX);

        assertThat(queue.hasOthersThan(shop.share())).isTrue();
    }

    private Ticket add(String pod, int urgency, Instant lastCall, Budget.Id... budgets) {
        Gate.Entry entry =
                new Gate.Entry(Request.EVICTION, pod(pod), START.plusSeconds(urgency), lastCall, Set.of(budgets));
        Ticket ticket = new Ticket(entry, ++entered, START);
        queue.add(ticket);
        return ticket;
    }

    private List<String> walk() {
        List<String> pods = new ArrayList<>();
        for (Optional<Ticket> next = queue.first(); next.isPresent(); next = queue.after(next.get())) {
            pods.add(next.get().podName());
        }
        return pods;
    }
}
