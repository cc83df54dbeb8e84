package dev.glidepath.points;

import dev.glidepath.points.KeptRuns.Run;
import dev.glidepath.points.KeptRuns.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How far a run of all points is, and what came of it. For one thread at a time. */
final class Progress {
    private final int all;
    private final int before;
    private final List<Run> done;

    /** @param kept those that were done before, which are not done again */
    Progress(int all, List<Run> kept) {
        this.all = all;
        before = kept.size();
        done = new ArrayList<>(kept);
    }

    void add(Run run) {
        done.add(run);
    }

    long count(Verdict verdict) {
        return done.stream().filter(run -> run.verdict() == verdict).count();
    }

    List<Run> wrong() {
        return done.stream().filter(run -> run.verdict() == Verdict.WRONG).toList();
    }

    /** In one line. */
    String line(Duration elapsed) {
        int fresh = done.size() - before;
        int left = all - done.size();
        String about = fresh == 0 || left == 0
                ? ""
                : ", about %d min left"
                        .formatted(elapsed.multipliedBy(left)
                                .dividedBy(fresh)
                                .plusSeconds(59)
                                .toMinutes());
        return "points: %d of %d, %d wrong, %d with nothing to disturb%s"
                .formatted(done.size(), all, count(Verdict.WRONG), count(Verdict.NOTHING_TO_DISTURB), about);
    }
}
