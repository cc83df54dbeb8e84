package dev.glidepath.departure.decision;

import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Plays with many seeds, on all processors. */
final class Seeds {
    private Seeds() {}

    /** What broke. It is collected, not thrown: of what other threads throw, the words are lost, and the seed with them. */
    static List<AssertionError> broken(long first, long count, LongConsumer play) {
        return broken(LongStream.range(first, first + count).parallel(), play);
    }

    /** The same with these seeds, on as many threads as their stream has. */
    static List<AssertionError> broken(LongStream seeds, LongConsumer play) {
        return seeds.boxed().flatMap(seed -> broken(seed, play)).toList();
    }

    private static Stream<AssertionError> broken(long seed, LongConsumer play) {
        try {
            play.accept(seed);
            return Stream.empty();
        } catch (AssertionError broken) {
            return Stream.of(broken);
        }
    }
}
