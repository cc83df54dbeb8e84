package dev.glidepath.doctor;

import java.util.Optional;

/** Explains why a check could not be run, for the failures of one system. */
@FunctionalInterface
public interface Explanation {
    /**
     * The finding that the failure comes to; empty for a failure of another system.
     *
     * @param about the name of the check
     */
    Optional<Finding> of(String about, Throwable failure);
}
