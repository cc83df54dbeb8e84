package dev.glidepath.doctor;

import java.util.List;

/** One thing that is looked at. */
interface Examination {
    /** What it looks at, such as {@code queue}. */
    String about();

    /**
     * Looks, and changes nothing.
     *
     * @throws Exception when it cannot look; whoever asked tells so
     */
    List<Finding> look() throws Exception;
}
