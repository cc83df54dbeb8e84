package dev.glidepath.doctor;

import java.util.Locale;

/**
 * The result of checking one thing.
 *
 * @param about what was checked, such as {@code queue}
 * @param found what the check found, in words
 * @param remedy what to do; empty if all is well
 */
public record Finding(Level level, String about, String found, String remedy) {

    /** The severity of a finding. */
    public enum Level {
        OK,
        /** It works, but not as well as it could; or the check has no permission. */
        WARN,
        /** Something will not work. */
        FAIL;

        /** The printed word. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public static Finding ok(String about, String found) {
        return new Finding(Level.OK, about, found, "");
    }

    public static Finding warn(String about, String found, String remedy) {
        return new Finding(Level.WARN, about, found, remedy);
    }

    public static Finding fail(String about, String found, String remedy) {
        return new Finding(Level.FAIL, about, found, remedy);
    }
}
