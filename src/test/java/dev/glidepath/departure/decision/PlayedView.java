package dev.glidepath.departure.decision;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** How far behind the truth the watches of one replica in a {@link Play} are. */
final class PlayedView {
    /** In what way a watch is behind for a while. */
    enum Behind {
        /** Each change is shown late. */
        LATE,
        /** Nothing is shown, until all is. */
        SILENT,
        /** What was so a while ago is shown, until all is. */
        BACK
    }

    /**
     * A while in which the watches are behind.
     *
     * @param by how late changes are shown, or how far back they go
     */
    private record While(Instant from, Instant until, Behind behind, Duration by) {
        boolean contains(Instant now) {
            return !now.isBefore(from) && now.isBefore(until);
        }

        Instant shownAt(Instant now) {
            Instant late = now.minus(by);
            return switch (behind) {
                case LATE -> late.isAfter(from) ? late : from;
                case SILENT -> from;
                case BACK -> from.minus(by);
            };
        }
    }

    private final List<While> whiles = new ArrayList<>();
    private Instant askedAt = Play.START.minus(Duration.ofMinutes(1));

    void isBehind(Instant from, Instant until, Behind behind, Duration by) {
        whiles.add(new While(from, until, behind, by));
    }

    /** It asks the API server, which answers with the truth. */
    void asks(Instant now) {
        askedAt = now;
    }

    Instant askedAt() {
        return askedAt;
    }

    boolean isEverBehind() {
        return !whiles.isEmpty();
    }

    /** Of which moment it shows the cluster. */
    Instant shownAt(Instant now) {
        Instant shown = whiles.stream()
                .filter(each -> each.contains(now))
                .map(each -> each.shownAt(now))
                .min(Instant::compareTo)
                .orElse(now);
        return shown.isAfter(askedAt) ? shown : askedAt;
    }

    /** The same of pods: those are listed anew, which never goes back. */
    Instant podsShownAt(Instant now) {
        Instant shown = shownAt(now);
        return whiles.stream().anyMatch(each -> each.contains(now) && each.behind() == Behind.BACK) ? now : shown;
    }

    /** How late what changes now is shown; zero where it is not late, or where it is shown when a while is over. */
    Duration lateBy(Instant now) {
        return whiles.stream()
                .filter(each -> each.contains(now) && each.behind() == Behind.LATE)
                .map(While::by)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }
}
