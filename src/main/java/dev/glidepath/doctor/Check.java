package dev.glidepath.doctor;

import java.util.List;
import java.util.Set;

/** One thing that the doctor checks. A check changes nothing. */
public interface Check {
    /** The check of our access to AWS. Without access, the other checks at AWS do not run. */
    String CREDENTIALS = "credentials";

    /** The check of our access to the cluster. Without access, the other checks in the cluster do not run. */
    String CLUSTER = "cluster";

    /** What it checks, such as {@code queue}. */
    String about();

    /** The checks that give access: if one of these ends with {@link NoAccess}, this check would only repeat its finding. */
    default Set<String> after() {
        return Set.of();
    }

    /**
     * Runs the check.
     *
     * @throws NoAccess when the checks after this one need not run
     * @throws Exception when the check cannot be run; the doctor reports it
     */
    List<Finding> run() throws Exception;

    /** The checks after this one cannot run. */
    final class NoAccess extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Finding finding;

        public NoAccess(Finding finding) {
            super(finding.found());
            this.finding = finding;
        }

        public Finding finding() {
            return finding;
        }
    }
}
