package dev.glidepath.doctor;

import java.util.List;
import java.util.Set;

/** One thing that is looked at. Looking changes nothing. */
interface Examination {
    /** What it looks at, such as {@code queue}. */
    String about();

    /** What must let us in first: where one of these is {@link Closed}, looking would only tell the same again. */
    default Set<String> after() {
        return Set.of();
    }

    /**
     * Looks.
     *
     * @throws Closed when those that come after it need not look
     * @throws Exception when it cannot look; whoever asked tells so
     */
    List<Finding> look() throws Exception;

    /** Nothing behind this can be looked at. */
    final class Closed extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Finding why;

        Closed(Finding why) {
            super(why.found());
            this.why = why;
        }

        Finding why() {
            return why;
        }
    }
}
