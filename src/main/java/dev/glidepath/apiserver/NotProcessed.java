package dev.glidepath.apiserver;

import java.io.IOException;

/** A request that the server has not processed, and that may be sent again. */
final class NotProcessed extends IOException {
    private static final long serialVersionUID = 1L;

    /** The JDK's own words: nothing else distinguishes these failures. */
    private static final String TOO_MANY_STREAMS = "too many concurrent streams";

    private static final String REFUSED = "request not processed by peer";

    NotProcessed(IOException why) {
        super("the API server cannot be reached: " + why, why);
    }

    /** Whether that is why a request failed. */
    static boolean isMeantBy(IOException failure) {
        return says(failure, TOO_MANY_STREAMS) || says(failure, REFUSED);
    }

    /** What made the JDK's client give up: it says that it has tried too often, and we let it try once. */
    static IOException reason(IOException failure) {
        return says(failure, "Too many retries") && failure.getCause() instanceof IOException cause ? cause : failure;
    }

    /** Whether it was not even sent, for the server allows no more streams. */
    boolean isForLimit() {
        return getCause() instanceof IOException why && says(why, TOO_MANY_STREAMS);
    }

    private static boolean says(IOException failure, String words) {
        return String.valueOf(failure.getMessage()).contains(words);
    }
}
