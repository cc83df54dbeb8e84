package dev.glidepath.points;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EndTest {
    private static final End UNDISTURBED = end(List.of(), List.of("CONTINUE with [] on the node"), 0);

    @Test
    void sameEndsDoNotDiffer() {
        assertThat(end(List.of(), List.of("CONTINUE with [] on the node"), 0).differenceFrom(UNDISTURBED))
                .isEmpty();
    }

    @Test
    void saysWhatDiffers() {
        assertThat(end(List.of("web"), List.of(), 1).differenceFrom(UNDISTURBED))
                .isEqualTo("pods is [web] instead of []; completions is [] instead of [CONTINUE with [] on the node];"
                        + " messages is 1 instead of 0");
    }

    @Test
    void aHookThatIsCompletedTwiceOrTooEarlyDiffers() {
        assertThat(end(List.of(), List.of("CONTINUE with [] on the node", "CONTINUE with [] on the node"), 0)
                        .differenceFrom(UNDISTURBED))
                .startsWith("completions is ");
        assertThat(end(List.of(), List.of("CONTINUE with [web] on the node"), 0).differenceFrom(UNDISTURBED))
                .startsWith("completions is ");
    }

    private static End end(List<String> pods, List<String> completions, int messages) {
        return new End(
                true,
                true,
                Set.of("glidepath.dev/departing"),
                "SETTLED",
                false,
                Set.of("TAINT"),
                List.of("asg-termination"),
                List.of(),
                pods,
                completions,
                messages);
    }
}
