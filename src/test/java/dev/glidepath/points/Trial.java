package dev.glidepath.points;

import static java.time.Duration.ofSeconds;

import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.FaultProxy;
import dev.glidepath.lab.FaultProxy.Passage;
import dev.glidepath.lab.FaultProxy.Request;
import dev.glidepath.lab.TestQueue;
import dev.glidepath.lab.Valve;
import dev.glidepath.observe.LogEvent;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One departure from its beginning to its end, with a daemon of its own; perhaps disturbed. */
final class Trial implements AutoCloseable {
    private static final Duration LOOKS_EVERY = ofSeconds(1);

    private final RecordedDeparture departure;
    private final Optional<Disturbed> disturbed;
    private final Terms terms;
    private final TestSetup setup;
    private final FaultProxy apiServer;
    private final FaultProxy autoScaling;
    private final FaultProxy sqs;
    private final Valve valve = new Valve();
    private final Requests requests = new Requests();
    private final List<String> completions = new CopyOnWriteArrayList<>();
    private final List<String> story = new CopyOnWriteArrayList<>();
    private final List<DaemonProcess> daemons = new CopyOnWriteArrayList<>();
    private final Disturber disturber;

    /** What is disturbed, and how. */
    record Disturbed(Point point, Disturbance disturbance) {}

    /**
     * How long is waited.
     *
     * @param limit for the end: what lasts longer is taken as it is then
     * @param calm after the end, for requests that should not come
     */
    record Terms(Duration limit, Duration calm) {
        /** Messages come again after half a minute, a view catches up a little earlier; the rest is the departure itself. */
        static final Terms USUAL = new Terms(ofSeconds(150), ofSeconds(12));
    }

    /**
     * What came of it.
     *
     * @param points the requests, in the order in which they came
     * @param disturbed whether there was something to disturb
     * @param trouble what is wrong whatever the end is; empty where nothing is
     * @param story each request with its time, and what the daemons logged
     */
    record Outcome(List<Point> points, boolean disturbed, End end, String trouble, String story) {
        Outcome {
            points = List.copyOf(points);
        }

        /** What is wrong, compared with the end it should have come to; empty where nothing is. */
        String wrong(End expected) {
            return Stream.of(trouble, end.differenceFrom(expected))
                    .filter(text -> !text.isEmpty())
                    .collect(Collectors.joining("; "));
        }
    }

    private Trial(
            ControlPlane plane,
            List<String> command,
            RecordedDeparture departure,
            Optional<Disturbed> disturbed,
            Terms terms) {
        this.departure = departure;
        this.disturbed = disturbed;
        this.terms = terms;
        setup = new TestSetup(plane);
        apiServer = FaultProxy.before(plane);
        autoScaling = FaultProxy.before(setup.autoScaling().endpoint());
        sqs = FaultProxy.before(TestQueue.endpoint());
        disturber = new Disturber(
                disturbed.map(Disturbed::disturbance).orElse(Disturbance.ANSWER_LOST),
                setup,
                apiServer,
                valve,
                new Disturber.Daemons() {
                    @Override
                    public DaemonProcess current() {
                        return daemons.getLast();
                    }

                    @Override
                    public void startAgain() {
                        daemons.add(daemons.getLast().startAgain());
                    }
                });
        Stream.of(apiServer, autoScaling, sqs)
                .forEach(proxy -> proxy.on(Requests::changes).meet(this::meet));
        apiServer.on(Request::isWatch).passThrough(valve);
        daemons.add(start(command));
    }

    /** Runs it, and does not return before all that it made is ended. */
    static Outcome of(
            ControlPlane plane,
            List<String> command,
            RecordedDeparture departure,
            Optional<Disturbed> disturbed,
            Terms terms)
            throws InterruptedException {
        try (var trial = new Trial(plane, command, departure, disturbed, terms)) {
            return trial.run();
        }
    }

    /** A release of its own, so that no other daemon here takes over what it holds, and no other node is its. */
    private DaemonProcess start(List<String> command) {
        String name = setup.cluster().namespace();
        return DaemonProcess.start(
                command,
                setup.plane(),
                setup.queue(),
                setup.autoScaling(),
                Map.of(
                        "KUBECONFIG",
                        apiServer.kubeconfigFor("glidepath", "glidepath").toString(),
                        "AWS_ENDPOINT_URL",
                        autoScaling.endpoint().toString(),
                        "AWS_ENDPOINT_URL_SQS",
                        sqs.endpoint().toString(),
                        "GLIDEPATH_NODE_SELECTOR",
                        "lab/cluster=" + name,
                        "GLIDEPATH_POD_RELEASE",
                        name,
                        "GLIDEPATH_POD_NAME",
                        "points-" + name));
    }

    private Outcome run() throws InterruptedException {
        departure.setUp(setup);
        daemons.getLast().awaitReady();
        Instant began = Instant.now();
        departure.announce(setup);
        boolean ended = awaitEnd(began.plus(terms.limit()));
        int before = requests.all().size();
        Thread.sleep(terms.calm());
        List<Point> all = requests.all();
        List<String> trouble = new ArrayList<>();
        if (!ended) {
            trouble.add("it was not over after " + terms.limit());
        }
        if (ended && all.size() > before) {
            trouble.add("it is not calm: " + all.subList(before, all.size()));
        }
        if (daemons.stream()
                .anyMatch(daemon -> !daemon.told(LogEvent.DEPARTURE_FAILED).isEmpty())) {
            trouble.add("a departure failed");
        }
        if (!isForGood() && !daemons.getLast().isAlive()) {
            trouble.add("the daemon ended");
        }
        return new Outcome(
                requests.points(),
                disturber.hasDisturbed(),
                End.of(setup, completions),
                String.join("; ", trouble),
                story());
    }

    private boolean awaitEnd(Instant limit) throws InterruptedException {
        for (Instant now = Instant.now(); now.isBefore(limit); now = Instant.now()) {
            setup.detachFreeVolume();
            if (disturber.isOver(now)
                    && departure.isOver(setup)
                    && (isForGood() || daemons.getLast().isReady())) {
                return true;
            }
            Thread.sleep(LOOKS_EVERY);
        }
        return false;
    }

    private boolean isForGood() {
        return disturber.hasDisturbed()
                && disturbed
                        .filter(what -> what.disturbance() == Disturbance.KILLED_FOR_GOOD)
                        .isPresent();
    }

    private void meet(Request request, Passage passage) throws IOException, InterruptedException {
        Optional<Point> point = requests.note(request);
        boolean isIt = point.isPresent() && point.equals(disturbed.map(Disturbed::point));
        List<String> pods = point.filter(each -> each.request().equals("complete"))
                .map(_ -> setup.podsThere())
                .orElse(List.of());
        passage.whenForwarded(status -> {
            story.add("%s %s: %d"
                    .formatted(Instant.now(), point.map(Point::toString).orElse(""), status));
            if (status == 200
                    && point.filter(each -> each.request().equals("complete")).isPresent()) {
                completions.add("%s with %s on the node"
                        .formatted(request.body().contains("CONTINUE") ? "CONTINUE" : "ABANDON", pods));
            }
        });
        if (isIt) {
            story.add("%s %s: disturbed by %s"
                    .formatted(
                            Instant.now(),
                            point.map(Point::toString).orElse(""),
                            disturbed.map(Disturbed::disturbance).orElseThrow()));
            disturber.disturb(passage);
        } else {
            passage.forward();
            passage.giveBack();
        }
    }

    private String story() {
        return Stream.concat(
                        story.stream(),
                        daemons.stream().map(daemon -> "\nprocess %d:\n%s".formatted(daemon.pid(), daemon.output())))
                .collect(Collectors.joining("\n"));
    }

    @Override
    public void close() {
        valve.open();
        daemons.forEach(DaemonProcess::close);
        Stream.of(apiServer, autoScaling, sqs).forEach(FaultProxy::close);
        setup.cluster()
                .client()
                .leases()
                .inNamespace("glidepath")
                .withName("points-" + setup.cluster().namespace())
                .delete();
        setup.close();
    }
}
