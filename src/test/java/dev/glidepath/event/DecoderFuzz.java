package dev.glidepath.event;

import java.nio.charset.StandardCharsets;

/**
 * What a fuzzer calls, again and again, with bytes that it changes so as to reach code it has not seen. {@link DecoderFuzzIT}
 * runs it. A body that breaks something becomes a sample, and a row in {@link DecoderTest}.
 *
 * @see <a href="https://github.com/CodeIntelligenceTesting/jazzer/blob/main/docs/advanced.md">Jazzer without JUnit</a>
 */
public final class DecoderFuzz {
    private DecoderFuzz() {}

    /** Found by its name. */
    public static void fuzzerTestOneInput(byte[] body) {
        SoundOutcome.check(new String(body, StandardCharsets.UTF_8));
    }
}
