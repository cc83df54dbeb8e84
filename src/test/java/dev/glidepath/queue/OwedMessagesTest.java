package dev.glidepath.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.InstanceId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OwedMessagesTest {
    private static final MessageId BOTH = new MessageId("speaks of both");
    private static final MessageId ONE = new MessageId("speaks of one");
    private static final InstanceId FIRST = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final InstanceId SECOND = new InstanceId("i-0a1b2c3d4e5f60002");

    private final OwedMessages owed = new OwedMessages();

    @Test
    void aMessageIsDoneWithWhenTheLastOfItsInstancesIs() {
        owed.owe(delivery(1), Set.of(FIRST, SECOND));

        assertThat(owed.pay(List.of(BOTH), FIRST)).isEmpty();
        assertThat(owed.pay(List.of(BOTH), SECOND)).containsExactly(BOTH);
    }

    @Test
    void payingTwicePaysForNobodyElse() {
        owed.owe(delivery(1), Set.of(FIRST, SECOND));

        assertThat(owed.pay(List.of(BOTH), FIRST)).isEmpty();
        assertThat(owed.pay(List.of(BOTH), FIRST)).isEmpty();
    }

    @Test
    void staysDoneWithUntilForgotten() {
        owed.owe(delivery(1), Set.of(FIRST, SECOND));
        owed.pay(List.of(BOTH), FIRST);
        owed.pay(List.of(BOTH), SECOND);

        assertThat(owed.pay(List.of(BOTH), FIRST)).containsExactly(BOTH);
        owed.forget(List.of(BOTH));
        assertThat(owed.pay(List.of(BOTH), FIRST)).containsExactly(BOTH);
    }

    @Test
    void whatNobodyWasSaidToOweIsOwedByItsPayer() {
        owed.owe(delivery(1), Set.of(FIRST, SECOND));

        assertThat(owed.pay(List.of(ONE, BOTH), FIRST)).containsExactly(ONE);
    }

    @Test
    void aRedeliveryBeginsAnew() {
        owed.owe(delivery(1), Set.of(FIRST, SECOND));
        owed.pay(List.of(BOTH), FIRST);

        owed.owe(delivery(2), Set.of(FIRST, SECOND));

        assertThat(owed.pay(List.of(BOTH), SECOND)).isEmpty();
        assertThat(owed.pay(List.of(BOTH), FIRST)).containsExactly(BOTH);
    }

    @Test
    void givingUpAnEarlierDeliveryForgetsNoLaterOne() {
        owed.owe(delivery(1), Set.of(FIRST, SECOND));
        owed.owe(delivery(2), Set.of(FIRST, SECOND));

        owed.giveUp(List.of(delivery(1)));

        assertThat(owed.pay(List.of(BOTH), SECOND))
                .as("the first still owes it")
                .isEmpty();
    }

    @Test
    void whatIsGivenUpIsNotRemembered() {
        owed.owe(delivery(2), Set.of(FIRST, SECOND));

        owed.giveUp(List.of(delivery(2)));

        assertThat(owed.pay(List.of(BOTH), SECOND)).containsExactly(BOTH);
    }

    @Test
    void ofTwoDeliveriesTheLaterIsOwedThoughItWasTakenInFirst() {
        owed.owe(delivery(2), Set.of(FIRST, SECOND));
        owed.owe(delivery(1), Set.of(FIRST, SECOND));

        owed.giveUp(List.of(delivery(1)));

        assertThat(owed.pay(List.of(BOTH), SECOND)).isEmpty();
    }

    @Test
    void whenAllPayAtOnceSomeoneLearnsItIsDoneWith() throws InterruptedException, ExecutionException {
        List<InstanceId> instances = IntStream.range(0, 100)
                .mapToObj(number -> new InstanceId("i-%08x".formatted(number)))
                .toList();
        owed.owe(delivery(1), Set.copyOf(instances));
        List<Callable<Set<MessageId>>> payments = new ArrayList<>();
        for (InstanceId instance : instances) {
            payments.add(() -> owed.pay(List.of(BOTH), instance));
        }

        List<Set<MessageId>> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Set<MessageId>> payment : threads.invokeAll(payments)) {
                answers.add(payment.get());
            }
        }

        assertThat(answers).filteredOn(settled -> settled.contains(BOTH)).hasSize(1);
    }

    private static DeliveryId delivery(int count) {
        return new DeliveryId(BOTH, count);
    }
}
