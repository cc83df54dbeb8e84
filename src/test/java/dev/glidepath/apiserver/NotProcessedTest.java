package dev.glidepath.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class NotProcessedTest {
    private final IOException noStream = new IOException("too many concurrent streams");
    private final IOException refused = new IOException("Stream 3: request not processed by peer");

    @Test
    void isMeantByTheWordsOfTheJdkAlone() {
        assertThat(NotProcessed.isMeantBy(noStream)).isTrue();
        assertThat(NotProcessed.isMeantBy(refused)).isTrue();
        assertThat(NotProcessed.isMeantBy(new IOException("connection reset"))).isFalse();
        assertThat(NotProcessed.isMeantBy(new IOException())).isFalse();
    }

    @Test
    void isForTheLimitWhereNothingWasSent() {
        assertThat(new NotProcessed(noStream).isForLimit()).isTrue();
        assertThat(new NotProcessed(refused).isForLimit()).isFalse();
    }

    @Test
    void reasonIsWhatMadeTheClientGiveUp() {
        assertThat(NotProcessed.reason(new IOException("Too many retries", refused)))
                .isSameAs(refused);
        assertThat(NotProcessed.reason(refused)).isSameAs(refused);
    }
}
