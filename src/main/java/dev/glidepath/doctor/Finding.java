package dev.glidepath.doctor;

import java.util.Locale;

/**
 * What was found of one thing.
 *
 * @param about what was looked at, such as {@code queue}
 * @param found what it is like, in words
 * @param remedy what to do; nothing where all is well
 */
public record Finding(Level level, String about, String found, String remedy) {

    /** How bad it is. */
    public enum Level {
        OK,
        /** It works, and not as well as it could; or nobody lets us look. */
        WARN,
        /** Something will not work. */
        FAIL;

        /** The word for it in what is printed. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Finding ok(String about, String found) {
        return new Finding(Level.OK, about, found, "");
    }

    static Finding warn(String about, String found, String remedy) {
        return new Finding(Level.WARN, about, found, remedy);
    }

    static Finding fail(String about, String found, String remedy) {
        return new Finding(Level.FAIL, about, found, remedy);
    }
}
