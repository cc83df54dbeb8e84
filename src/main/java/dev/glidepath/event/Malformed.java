package dev.glidepath.event;

/** A body that cannot be read; caught where decoding begins, and so the way out of the depth. */
final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    private final String what;

    /** @param what is missing or wrong, quoting nothing of the body */
    Malformed(String what) {
        super(what, null, false, false);
        this.what = what;
    }

    String what() {
        return what;
    }
}
