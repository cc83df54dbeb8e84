package dev.glidepath.apiserver.encoding;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Texts that were read lately. Objects of a kind repeat each other, and each event of a pod repeats the one before it: keys and values
 * of labels, names, UIDs, conditions. What is read again is the same string, so that it is in memory once. Safe for use by many
 * threads: they may miss each other's texts, and no more.
 */
final class KnownTexts {
    private static final int LONGEST = 64;

    /** A text that was read lately with this hash, or none. */
    private final @Nullable String[] byHash;

    /** @param places a power of two */
    KnownTexts(int places) {
        byHash = new String[places];
    }

    /** The text that these bytes are in UTF-8. */
    String of(byte[] bytes, int from, int length) {
        if (length > LONGEST) {
            return read(bytes, from, length);
        }
        int place = hash(bytes, from, length) & (byHash.length - 1);
        @Nullable String known = byHash[place];
        if (known != null && isSame(known, bytes, from, length)) {
            return known;
        }
        String text = read(bytes, from, length);
        byHash[place] = text;
        return text;
    }

    private static String read(byte[] bytes, int from, int length) {
        return new String(bytes, from, length, StandardCharsets.UTF_8);
    }

    private static int hash(byte[] bytes, int from, int length) {
        int hash = length;
        for (int place = from; place < from + length; place++) {
            hash = 31 * hash + bytes[place];
        }
        return hash ^ (hash >>> 16);
    }

    /** Of ASCII alone: a byte of any other character is negative, and no character is. */
    private static boolean isSame(String text, byte[] bytes, int from, int length) {
        if (text.length() != length) {
            return false;
        }
        for (int place = 0; place < length; place++) {
            if (text.charAt(place) != bytes[from + place]) {
                return false;
            }
        }
        return true;
    }
}
