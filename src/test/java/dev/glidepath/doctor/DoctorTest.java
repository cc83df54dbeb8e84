package dev.glidepath.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.glidepath.doctor.Finding.Level;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DoctorTest {
    private final List<Finding> reported = new ArrayList<>();

    private interface Script {
        List<Finding> run() throws Exception;
    }

    private record Scripted(String about, Set<String> after, Script script) implements Check {
        @Override
        public List<Finding> run() throws Exception {
            return script.run();
        }
    }

    @Test
    void reportsFindingsInTheOrderOfTheChecks() throws InterruptedException {
        run(ok("one"), ok("two", "one"));

        assertThat(reported).extracting(Finding::about).containsExactly("one", "two");
    }

    @Test
    void runsTheOtherChecksWhenOneCannotBeRun() throws InterruptedException {
        run(
                new Scripted("one", Set.of(), () -> {
                    throw new IOException("cable cut");
                }),
                ok("two", "one"));

        assertThat(reported).extracting(Finding::level).containsExactly(Level.FAIL, Level.OK);
        assertThat(reported.getFirst().found()).contains("cable cut");
    }

    @Test
    void runsNoCheckThatNeedsMissingAccess() throws InterruptedException {
        run(
                new Scripted("one", Set.of(), () -> {
                    throw new Check.NoAccess(Finding.fail("one", "no key", "find it"));
                }),
                new Scripted("two", Set.of("one"), () -> {
                    throw new AssertionError("it ran");
                }),
                ok("three"));

        assertThat(reported)
                .containsExactly(
                        Finding.fail("one", "no key", "find it"),
                        Finding.warn("two", "not looked at, because of the one", "mend the one first"),
                        Finding.ok("three", "fine"));
    }

    @Test
    void reportsAFailureInTheWordsOfItsExplanation() throws InterruptedException {
        Check broken = new Scripted("one", Set.of(), () -> {
            throw new IOException("cable cut");
        });
        Finding explained = Finding.warn("one", "there is a fault", "call the shop");

        new Doctor(
                        List.of(broken),
                        List.of((about, failure) -> Optional.empty(), (about, failure) -> Optional.of(explained)))
                .run(reported::add);

        assertThat(reported).containsExactly(explained);
    }

    @Test
    void endsWhenInterrupted() {
        Thread here = Thread.currentThread();

        assertThatThrownBy(() -> run(
                        new Scripted("one", Set.of(), () -> {
                            here.interrupt();
                            Thread.sleep(Duration.ofDays(1));
                            return List.of();
                        }),
                        ok("two")))
                .isInstanceOf(InterruptedException.class);
        assertThat(reported).isEmpty();
    }

    private void run(Check... checks) throws InterruptedException {
        new Doctor(List.of(checks), List.of()).run(reported::add);
    }

    private static Check ok(String about, String... after) {
        return new Scripted(about, Set.of(after), () -> List.of(Finding.ok(about, "fine")));
    }
}
