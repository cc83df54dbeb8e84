package dev.glidepath.event;

import dev.glidepath.event.Decoded.Announced;
import dev.glidepath.event.Decoded.BlockExpires;
import dev.glidepath.event.Decoded.Ignored;
import dev.glidepath.event.Decoded.Undecodable;
import dev.glidepath.event.Interruption.CapacityInterruption;
import dev.glidepath.event.Interruption.ScheduledChange;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What holds for the outcome of any body at all. */
final class SoundOutcome {
    /** Some thousand times what a body takes, for a machine that has other things to do, or stops for a while. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final int LONGEST_ID = 4000;

    private SoundOutcome() {}

    /** Decodes the body, and makes the excerpt a log would show of it. */
    static void check(String body) {
        long started = System.nanoTime();
        Decoded outcome = SampleBody.decoded(body);
        String shown = Excerpt.of(body);
        Duration took = Duration.ofNanos(System.nanoTime() - started);
        require(took.compareTo(LIMIT) < 0, "it takes " + took);
        require(isPrintable(shown), "the excerpt is not one line of printable ASCII");
        switch (outcome) {
            case Announced(List<Interruption> interruptions, var _) -> checkAll(interruptions);
            case BlockExpires block -> {
                require(isPrintable(block.reservation()), "a reservation that is none");
                checkTime(block.noticedAt());
                checkTime(block.goneAt());
            }
            case Ignored ignored -> require(!ignored.what().isEmpty(), "ignored, and nobody knows what");
            case Undecodable(String why) ->
                require(isPrintable(why) && why.length() < 100 && !why.isEmpty(), "a reason that is none");
        }
    }

    private static void checkAll(List<Interruption> interruptions) {
        require(!interruptions.isEmpty(), "announced, and nobody is");
        Set<InterruptionId> ids = new HashSet<>();
        for (Interruption interruption : interruptions) {
            checkTime(interruption.noticedAt());
            switch (interruption) {
                case ScheduledChange change ->
                    change.window().ifPresent(window -> {
                        checkTime(window.startsAt());
                        checkTime(window.endsAt());
                    });
                case CapacityInterruption capacity -> checkTime(capacity.goneAt());
                default -> {}
            }
            require(ids.add(interruption.id()), "one told twice in one message");
            require(isPrintable(interruption.id().value()), "an id that no journal should hold");
            require(interruption.id().value().length() < LONGEST_ID, "an id that fills a journal");
            require(interruption.id().value().startsWith(interruption.id().cause()), "a cause that is not its id's");
        }
    }

    /** A span around any of them is one that can be reckoned with. */
    private static void checkTime(Instant time) {
        require(
                Math.abs(time.toEpochMilli())
                        < Instant.parse("2200-01-01T00:00:00Z").toEpochMilli(),
                "a time of no use");
    }

    private static boolean isPrintable(String text) {
        return text.chars().allMatch(character -> character >= ' ' && character <= '~');
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
