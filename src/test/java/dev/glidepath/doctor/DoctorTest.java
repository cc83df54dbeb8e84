package dev.glidepath.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.glidepath.doctor.Finding.Level;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DoctorTest {
    private final List<Finding> told = new ArrayList<>();

    private interface Look {
        List<Finding> look() throws Exception;
    }

    private record Scripted(String about, Set<String> after, Look script) implements Examination {
        @Override
        public List<Finding> look() throws Exception {
            return script.look();
        }
    }

    @Test
    void tellsWhatEachFindsInTheirOrder() throws InterruptedException {
        look(ok("one"), ok("two", "one"));

        assertThat(told).extracting(Finding::about).containsExactly("one", "two");
    }

    @Test
    void oneThatCannotLookKeepsNobodyFromIt() throws InterruptedException {
        look(
                new Scripted("one", Set.of(), () -> {
                    throw new IOException("cable cut");
                }),
                ok("two", "one"));

        assertThat(told).extracting(Finding::level).containsExactly(Level.FAIL, Level.OK);
        assertThat(told.getFirst().found()).contains("cable cut");
    }

    @Test
    void behindAClosedDoorNobodyLooks() throws InterruptedException {
        look(
                new Scripted("one", Set.of(), () -> {
                    throw new Examination.Closed(Finding.fail("one", "no key", "find it"));
                }),
                new Scripted("two", Set.of("one"), () -> {
                    throw new AssertionError("looked");
                }),
                ok("three"));

        assertThat(told)
                .containsExactly(
                        Finding.fail("one", "no key", "find it"),
                        Finding.warn("two", "not looked at, because of the one", "mend the one first"),
                        Finding.ok("three", "fine"));
    }

    @Test
    void endsWhenInterrupted() {
        Thread here = Thread.currentThread();

        assertThatThrownBy(() -> look(
                        new Scripted("one", Set.of(), () -> {
                            here.interrupt();
                            Thread.sleep(Duration.ofDays(1));
                            return List.of();
                        }),
                        ok("two")))
                .isInstanceOf(InterruptedException.class);
        assertThat(told).isEmpty();
    }

    private void look(Examination... examinations) throws InterruptedException {
        new Doctor(List.of(examinations)).look(told::add);
    }

    private static Examination ok(String about, String... after) {
        return new Scripted(about, Set.of(after), () -> List.of(Finding.ok(about, "fine")));
    }
}
