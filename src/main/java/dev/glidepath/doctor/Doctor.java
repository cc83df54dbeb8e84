package dev.glidepath.doctor;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Runs one check after the other. A check that cannot be run does not stop the others. */
public final class Doctor {
    /** A large cluster has many pods to read. Each request has a limit of its own, of seconds. */
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final List<Check> checks;
    private final List<Explanation> explanations;

    /**
     * @param checks in the order in which they run
     * @param explanations of the failures that the checks do not handle
     */
    public Doctor(List<Check> checks, List<Explanation> explanations) {
        this.checks = List.copyOf(checks);
        this.explanations = List.copyOf(explanations);
    }

    /** Reports each finding as soon as it is found, since a check may take seconds. */
    public void run(Consumer<Finding> report) throws InterruptedException {
        Set<String> withoutAccess = new HashSet<>();
        for (Check check : checks) {
            Set<String> before = new TreeSet<>(check.after());
            before.retainAll(withoutAccess);
            if (before.isEmpty()) {
                run(check, report, withoutAccess);
            } else {
                String first = String.join(", ", before);
                report.accept(Finding.warn(
                        check.about(), "not looked at, because of the " + first, "mend the %s first".formatted(first)));
            }
        }
    }

    private void run(Check check, Consumer<Finding> report, Set<String> withoutAccess) throws InterruptedException {
        FutureTask<List<Finding>> task = new FutureTask<>(check::run);
        Thread thread = Thread.startVirtualThread(task);
        try {
            task.get(LIMIT.toSeconds(), TimeUnit.SECONDS).forEach(report);
        } catch (ExecutionException failed) {
            switch (Objects.requireNonNull(failed.getCause())) {
                case Check.NoAccess none -> {
                    withoutAccess.add(check.about());
                    report.accept(none.finding());
                }
                case Throwable failure -> report.accept(explain(check.about(), failure));
            }
        } catch (TimeoutException late) {
            report.accept(explain(check.about(), new IOException("no end after %d s".formatted(LIMIT.toSeconds()))));
        } finally {
            thread.interrupt();
        }
    }

    private Finding explain(String about, Throwable failure) {
        return explanations.stream()
                .flatMap(explanation -> explanation.of(about, failure).stream())
                .findFirst()
                .orElseGet(() -> Finding.fail(
                        about,
                        "cannot be looked at: " + failure.getMessage(),
                        "see whether the API server can be reached from here"));
    }
}
