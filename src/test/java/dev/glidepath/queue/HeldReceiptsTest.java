package dev.glidepath.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.queue.HeldReceipts.Receipt;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeldReceiptsTest {
    private static final MessageId A = new MessageId("a");
    private static final MessageId B = new MessageId("b");
    private static final Receipt FIRST = new Receipt(A, "first", 1);
    private static final Receipt AGAIN = new Receipt(A, "again", 2);
    private static final Receipt OTHER = new Receipt(B, "other", 1);

    private final HeldReceipts held = new HeldReceipts();

    @Test
    void keepTheNewestInWhateverOrderTheyCome() {
        held.hold(AGAIN);
        held.hold(FIRST);

        assertThat(held.all()).containsExactly(AGAIN);
        assertThat(held.isHeld(FIRST)).isFalse();
        assertThat(held.isHeld(AGAIN)).isTrue();
    }

    @Test
    void forgetNoNewerReceiptOfTheSameMessage() {
        held.hold(FIRST);
        held.hold(AGAIN);

        held.forget(FIRST);
        assertThat(held.size()).isEqualTo(1);
        held.forget(AGAIN);

        assertThat(held.size()).isZero();
    }

    @Test
    void areFoundByMessageOnce() {
        held.hold(FIRST);
        held.hold(OTHER);

        assertThat(held.of(List.of(A, A, new MessageId("unknown")))).containsExactly(FIRST);
    }

    @Test
    void areFoundByDeliveryUnlessDeliveredAgainSince() {
        held.hold(AGAIN);
        held.hold(OTHER);

        assertThat(held.ofNewest(List.of(FIRST.delivery(), OTHER.delivery()))).containsExactly(OTHER);
        assertThat(held.ofNewest(List.of(AGAIN.delivery(), AGAIN.delivery()))).containsExactly(AGAIN);
    }
}
