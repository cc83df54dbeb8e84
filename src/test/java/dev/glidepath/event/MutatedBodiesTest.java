package dev.glidepath.event;

import dev.glidepath.event.Mutation.Cut;
import dev.glidepath.event.Mutation.Drop;
import dev.glidepath.event.Mutation.Flip;
import dev.glidepath.event.Mutation.Insert;
import dev.glidepath.event.Mutation.Nest;
import dev.glidepath.event.Mutation.Place;
import dev.glidepath.event.Mutation.Repeat;
import dev.glidepath.event.Mutation.Replace;
import dev.glidepath.event.Mutation.Stutter;
import dev.glidepath.event.Mutation.Wrap;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Bodies as AWS may send them one day, and as it never will. jqwik prints the seed with each run. */
class MutatedBodiesTest {
    private static final int MUTATIONS = 6;

    private static final List<String> SAMPLES =
            SampleBody.names().stream().map(SampleBody::of).toList();
    /** So that as many as there are mutations are still something that Jackson writes. */
    private static final int DEEPEST = 900 / MUTATIONS;

    private static final List<String> NAMES =
            samplePlaces().map(Place::field).distinct().toList();
    private static final List<String> VALUES =
            samplePlaces().map(place -> place.value().toString()).distinct().toList();

    private static final List<String> ODD_VALUES = List.of(
            "null",
            "true",
            "7",
            "-1e999999999",
            "9".repeat(1000),
            "\"\"",
            "\" \"",
            "\"#\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"\\u202e\"",
            "\"i-\"",
            "\"i-0a1b2c3d\\n\"",
            "\"/\"",
            "\",\"",
            "\"" + "x".repeat(5000) + "\"",
            "[]",
            "{}",
            "[null, 7, [], {}, \"i-0a1b2c3d\", \"i-0a1b2c3d\"]",
            "{\"entityValue\": \"i-0a1b2c3d\"}",
            "[{\"entityValue\": \"i-0a1b2c3d\"}, {\"entityValue\": [\"i-0a1b2c3d\"]}]",
            "\"9999-12-31T23:59:60Z\"",
            "\"+999999999-12-31T23:59:59.999999999-18:00\"",
            "\"-999999999-01-01T00:00:00+18:00\"",
            "\"2026-02-30T24:00:00Z\"",
            "\"Thu, 01 Jan 1970 00:00:00 -9959\"",
            "\"31 Feb 0000 00:00 GMT\"",
            "\"CLOSED\"",
            "\"WarmPool\"",
            "\"hibernate\"",
            "\"autoscaling:\"",
            "\"Notification\"",
            "\"AWS Health Event\"");

    @Property(tries = 100_000, edgeCases = EdgeCasesMode.NONE, generation = GenerationMode.RANDOMIZED)
    void everyBodyHasASoundOutcome(@ForAll("mutatedBodies") String body) {
        SoundOutcome.check(body);
    }

    @Provide
    Arbitrary<String> mutatedBodies() {
        Arbitrary<String> sample = Arbitraries.of(SAMPLES);
        Arbitrary<List<Mutation>> mutations = mutation().list().ofMinSize(1).ofMaxSize(MUTATIONS);
        return Combinators.combine(sample, mutations).as((original, all) -> {
            String body = original;
            for (Mutation mutation : all) {
                body = mutation.appliedTo(body);
            }
            return body;
        });
    }

    private static Arbitrary<Mutation> mutation() {
        Arbitrary<Integer> at = Arbitraries.integers().between(0, 5000);
        Arbitrary<Integer> length = Arbitraries.integers().between(1, 300);
        Arbitrary<Integer> depth = Arbitraries.integers().between(1, DEEPEST);
        Arbitrary<String> value = Arbitraries.oneOf(Arbitraries.of(VALUES), Arbitraries.of(ODD_VALUES));
        Arbitrary<String> text = Arbitraries.oneOf(
                Arbitraries.strings().all().ofMinLength(1).ofMaxLength(8),
                Arbitraries.of("[".repeat(5000), "{\"detail\":".repeat(2000)));
        return Arbitraries.frequencyOf(
                Tuple.of(6, Combinators.combine(at, value).as(Replace::new)),
                Tuple.of(3, at.map(Drop::new)),
                Tuple.of(3, Combinators.combine(at, Arbitraries.of(NAMES)).as(Repeat::new)),
                Tuple.of(
                        1,
                        Combinators.combine(at, depth, Arbitraries.of(true, false))
                                .as(Nest::new)),
                Tuple.of(1, Arbitraries.create(Wrap::new)),
                Tuple.of(
                        2,
                        Combinators.combine(at, Arbitraries.integers().between(1, 255))
                                .as(Flip::new)),
                Tuple.of(1, Combinators.combine(at, text).as(Insert::new)),
                Tuple.of(1, Combinators.combine(at, length).as(Cut::new)),
                Tuple.of(1, Combinators.combine(at, length).as(Stutter::new)));
    }

    private static Stream<Place> samplePlaces() {
        List<Place> places = new ArrayList<>();
        SampleBody.names().stream()
                .filter(name -> name.endsWith(".json"))
                .forEach(name -> Place.collect(SampleBody.tree(name), places));
        return places.stream();
    }
}
