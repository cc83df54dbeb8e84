package dev.glidepath.points;

import static java.util.Objects.requireNonNull;

import dev.glidepath.lab.ControlPlane;
import dev.glidepath.points.KeptRuns.Run;
import dev.glidepath.points.KeptRuns.Verdict;
import dev.glidepath.points.Trial.Disturbed;
import dev.glidepath.points.Trial.Outcome;
import dev.glidepath.points.Trial.Terms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** Runs what {@link PointsOptions} ask for: each departure undisturbed, and then with each disturbance at each of its requests. */
public final class Points {
    private final PointsOptions options;
    private final ControlPlane plane;
    private final List<String> command;
    private final KeptRuns kept;
    private final ExecutorService lanes;

    /** A departure as it is undisturbed. */
    private record Recording(List<Point> points, End end) {}

    /** One run to be made. */
    private record Job(RecordedDeparture departure, Point point, Disturbance disturbance) {
        private String fileName() {
            return "%s-%s-%s.log".formatted(departure, point.toString().replace(' ', '-'), disturbance);
        }
    }

    private Points(PointsOptions options, ControlPlane plane, Path program) {
        this.options = options;
        this.plane = plane;
        command = commandOf(program);
        kept = new KeptRuns(options.results(), Digest.of(program));
        lanes = Executors.newFixedThreadPool(options.lanes());
    }

    /**
     * Runs them.
     *
     * @param arguments the native executable, or the folder with the program for the JVM
     */
    public static void main(String[] arguments) throws Exception {
        int code = 1;
        try {
            Path program = Path.of(arguments[0]);
            PointsOptions options = PointsOptions.of(System.getenv());
            try (ControlPlane plane = ControlPlane.start()) {
                code = new Points(options, plane, program).run() ? 0 : 1;
            }
        } catch (IllegalArgumentException | IllegalStateException wrong) {
            System.err.println("points: " + wrong.getMessage());
        }
        System.exit(code); // some clients' threads would keep the JVM
    }

    private static List<String> commandOf(Path program) {
        if (!Files.isDirectory(program)) {
            return List.of(program.toAbsolutePath().toString());
        }
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                program.resolve("quarkus-run.jar").toAbsolutePath().toString());
    }

    /** Tells whether every end was right. */
    private boolean run() throws InterruptedException, ExecutionException {
        long began = System.nanoTime();
        Map<RecordedDeparture, Recording> recordings = record();
        List<Job> jobs = jobs(recordings);
        List<Run> before = kept.all();
        Progress progress = new Progress(
                jobs.size(),
                jobs.stream()
                        .flatMap(job -> before.stream()
                                .filter(run -> run.isOf(job.departure(), job.point(), job.disturbance()))
                                .findFirst()
                                .stream())
                        .toList());
        long beganDisturbing = System.nanoTime();
        List<Future<?>> running = new ArrayList<>();
        for (Job job : jobs) {
            if (before.stream().noneMatch(run -> run.isOf(job.departure(), job.point(), job.disturbance()))) {
                running.add(lanes.submit(() -> {
                    Run run = disturb(job, requireNonNull(recordings.get(job.departure())));
                    synchronized (progress) {
                        progress.add(run);
                        if (run.verdict() == Verdict.WRONG) {
                            System.out.println("points: wrong: " + run);
                        }
                        System.out.println(progress.line(since(beganDisturbing)));
                    }
                    return run;
                }));
            }
        }
        for (Future<?> each : running) {
            each.get();
        }
        report(recordings, progress, since(began));
        return progress.wrong().isEmpty();
    }

    private static Duration since(long began) {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    /** Each twice, side by side: what is not the same twice is no measure. */
    private Map<RecordedDeparture, Recording> record() throws InterruptedException, ExecutionException {
        Map<RecordedDeparture, List<Future<Outcome>>> twice = new EnumMap<>(RecordedDeparture.class);
        for (RecordedDeparture departure : options.departures()) {
            Callable<Outcome> undisturbed = () -> Trial.of(plane, command, departure, Optional.empty(), Terms.USUAL);
            twice.put(departure, List.of(lanes.submit(undisturbed), lanes.submit(undisturbed)));
        }
        Map<RecordedDeparture, Recording> recordings = new EnumMap<>(RecordedDeparture.class);
        for (Map.Entry<RecordedDeparture, List<Future<Outcome>>> each : twice.entrySet()) {
            Outcome one = each.getValue().getFirst().get();
            Outcome other = each.getValue().getLast().get();
            String wrong = other.wrong(one.end()) + one.trouble();
            if (!wrong.isEmpty()) {
                throw new IllegalStateException("%s, undisturbed, is not the same twice, or not right: %s%n%s"
                        .formatted(each.getKey(), wrong, one.story()));
            }
            List<Point> points = Stream.concat(one.points().stream(), other.points().stream())
                    .distinct()
                    .toList();
            System.out.printf("points: %s has %d: %s%n", each.getKey(), points.size(), points);
            System.out.printf("points: %s ends so: %s%n", each.getKey(), one.end());
            recordings.put(each.getKey(), new Recording(points, one.end()));
        }
        return recordings;
    }

    private List<Job> jobs(Map<RecordedDeparture, Recording> recordings) {
        List<Job> jobs = new ArrayList<>();
        recordings.forEach((departure, recording) -> recording.points().stream()
                .filter(options::includes)
                .forEach(point -> options.disturbances()
                        .forEach(disturbance -> jobs.add(new Job(departure, point, disturbance)))));
        return jobs;
    }

    private Run disturb(Job job, Recording undisturbed) throws InterruptedException, IOException {
        Outcome outcome = Trial.of(
                plane,
                command,
                job.departure(),
                Optional.of(new Disturbed(job.point(), job.disturbance())),
                Terms.USUAL);
        String wrong = outcome.wrong(undisturbed.end());
        Verdict verdict = outcome.disturbed() ? Verdict.RIGHT : Verdict.NOTHING_TO_DISTURB;
        if (!wrong.isEmpty()) {
            verdict = Verdict.WRONG;
            Path folder = requireNonNull(options.results().toAbsolutePath().getParent());
            Files.createDirectories(folder);
            Files.writeString(folder.resolve(job.fileName()), wrong + "\n\n" + outcome.story());
        }
        return kept.keep(job.departure(), job.point(), job.disturbance(), verdict, wrong);
    }

    private void report(Map<RecordedDeparture, Recording> recordings, Progress progress, Duration took) {
        progress.wrong().forEach(run -> System.out.println("points: wrong: " + run));
        System.out.printf(
                "points: %d departures, %d points, %d disturbances: %d right, %d wrong, %d with nothing to disturb, in %d min%n",
                recordings.size(),
                recordings.values().stream()
                        .mapToInt(recording -> recording.points().size())
                        .sum(),
                options.disturbances().size(),
                progress.count(Verdict.RIGHT),
                progress.count(Verdict.WRONG),
                progress.count(Verdict.NOTHING_TO_DISTURB),
                took.toMinutes());
        System.out.println("points: the results are in " + options.results()
                + ", beside the logs of those that are wrong; a line taken out of it is run again.");
    }
}
