package dev.glidepath.doctor;

import java.util.List;
import java.util.stream.Stream;

/** Looks at one thing after the other; one that cannot be looked at does not keep the others from it. */
public final class Doctor {
    private final List<Examination> examinations;

    Doctor(List<Examination> examinations) {
        this.examinations = List.copyOf(examinations);
    }

    /** What was found, as it is found: each look may take seconds. */
    public Stream<Finding> look() {
        return examinations.stream().flatMap(Doctor::look);
    }

    private static Stream<Finding> look(Examination examination) {
        try {
            return examination.look().stream();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while looking at the " + examination.about(), interrupted);
        } catch (Exception broken) {
            return Stream.of(Finding.fail(
                    examination.about(),
                    "cannot be looked at: " + broken.getMessage(),
                    "see whether it can be reached from here"));
        }
    }
}
