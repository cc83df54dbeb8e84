package dev.glidepath.apiserver.encoding;

import dev.glidepath.apiserver.encoding.Encoding.Malformed;
import java.io.IOException;
import java.util.Arrays;

/**
 * Reads the encoding of a Protobuf message in a part of an array: each field has a tag, which is its number and its wire type. For one
 * thread.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">Protobuf: encoding</a>
 */
final class WireReader {
    static final int VARINT = 0;
    static final int LENGTH_DELIMITED = 2;

    private static final int FIXED_64 = 1;
    private static final int FIXED_32 = 5;
    private static final int MOST_BITS = 64;

    private static final KnownTexts TEXTS = new KnownTexts(1 << 13);

    private final byte[] bytes;
    private final int end;
    private int place;

    WireReader(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.place = from;
        this.end = end;
    }

    /** The number of a field. */
    static int field(int tag) {
        return tag >>> 3;
    }

    /** How its value is encoded. */
    static int wireType(int tag) {
        return tag & 7;
    }

    boolean hasMore() {
        return place < end;
    }

    /**
     * Passes these bytes.
     *
     * @throws Malformed when others come
     */
    void expect(byte[] expected) throws IOException {
        int after = place + atMostLeft(expected.length);
        if (!Arrays.equals(bytes, place, after, expected, 0, expected.length)) {
            throw new Malformed("no envelope");
        }
        place = after;
    }

    /** @throws Malformed when there is none, or none that fits */
    int tag() throws IOException {
        long tag = varint();
        if (tag != (int) tag || field((int) tag) == 0) {
            throw new Malformed("no tag: " + tag);
        }
        return (int) tag;
    }

    /** @throws Malformed when it has more than 64 bits, or its end is missing */
    long varint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < MOST_BITS; shift += 7) {
            if (place == end) {
                throw new Malformed("a number has no end");
            }
            byte next = bytes[place++];
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new Malformed("a number is too long");
    }

    /** @throws Malformed when its end is missing */
    String text() throws IOException {
        int length = length();
        String text = TEXTS.of(bytes, place, length);
        place += length;
        return text;
    }

    /**
     * A message within this one, which is passed.
     *
     * @throws Malformed when its end is missing
     */
    WireReader message() throws IOException {
        int length = length();
        WireReader message = new WireReader(bytes, place, place + length);
        place += length;
        return message;
    }

    /**
     * Passes a value that nobody reads.
     *
     * @throws Malformed when its end is missing
     */
    void skip(int wireType) throws IOException {
        switch (wireType) {
            case VARINT -> {
                var _ = varint();
            }
            case LENGTH_DELIMITED -> {
                int length = length(); // which moves on as well
                place += length;
            }
            case FIXED_64 -> place += atMostLeft(Long.BYTES);
            case FIXED_32 -> place += atMostLeft(Integer.BYTES);
            default -> throw new Malformed("no wire type: " + wireType);
        }
    }

    private int length() throws IOException {
        return atMostLeft(varint());
    }

    private int atMostLeft(long length) throws IOException {
        if (length < 0 || length > end - place) {
            throw new Malformed("a value has no end");
        }
        return (int) length;
    }
}
