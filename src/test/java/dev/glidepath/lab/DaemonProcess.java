package dev.glidepath.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/**
 * The program as a process of its own that stays, as users run it; which one, {@link ProgramRun#command()} tells.
 */
public final class DaemonProcess implements AutoCloseable {
    private static final String NAME = "glidepath";
    /**
     * Long, for two things that are nobody's fault here: a message that a dead receiver's long poll still holds, and a budget
     * whose status the disruption controller corrects only after two minutes when evictions came within milliseconds.
     */
    private static final Duration LIMIT = Duration.ofMinutes(4);

    /** As many lines of its log are told when a wait for one was in vain. */
    private static final int TAIL = 80;

    private static final String POD_NAME = "GLIDEPATH_POD_NAME";
    private static final AtomicInteger STARTED = new AtomicInteger();

    private final LabFolder folder = LabFolder.create();
    private final Children children = new Children(folder.path());
    private final AtExit atExit = new AtExit(this::close);
    private final HttpClient http = HttpClient.newHttpClient();
    private final DaemonLog log;
    private final int port;
    private final List<String> command;
    private final Map<String, String> environment;

    /** One line of its log: when, which event, and its fields. */
    public record Line(Instant at, String level, String message, JsonNode fields) {
        public String get(Field field) {
            return fields.path(field.key()).asText();
        }

        public boolean is(LogEvent event) {
            return get(Field.EVENT).equals(event.label());
        }
    }

    /** Starts it against these, with the rights that the chart grants and as a pod of its own, and does not wait. */
    public static DaemonProcess start(ControlPlane plane, TestQueue queue, AutoScalingStandIn autoScaling) {
        return start(plane, queue, autoScaling, Map.of());
    }

    /** The same, with these variables on top; {@code GLIDEPATH_POD_NAME} makes it a certain replica. */
    public static DaemonProcess start(
            ControlPlane plane, TestQueue queue, AutoScalingStandIn autoScaling, Map<String, String> more) {
        return start(ProgramRun.command(), plane, queue, autoScaling, more);
    }

    /** The same, of the program that this command runs. */
    public static DaemonProcess start(
            List<String> command,
            ControlPlane plane,
            TestQueue queue,
            AutoScalingStandIn autoScaling,
            Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "KUBECONFIG",
                plane.kubeconfigFor("glidepath", "glidepath").toString(),
                "GLIDEPATH_QUEUE_URL",
                queue.url().toString(),
                "GLIDEPATH_LOG_LEVEL",
                "DEBUG",
                "AWS_REGION",
                TestQueue.REGION,
                "AWS_ACCESS_KEY_ID",
                "test",
                "AWS_SECRET_ACCESS_KEY",
                "test",
                // Any call to any other service of AWS would arrive at the stand-in, and be seen.
                "AWS_ENDPOINT_URL",
                autoScaling.endpoint().toString(),
                "AWS_ENDPOINT_URL_SQS",
                TestQueue.endpoint().toString()));
        environment.putAll(more);
        return new DaemonProcess(command, environment);
    }

    /** Starts it with these variables and does not wait. */
    public static DaemonProcess start(Map<String, String> environment) {
        return new DaemonProcess(ProgramRun.command(), environment);
    }

    private DaemonProcess(List<String> command, Map<String, String> given) {
        this.command = command;
        port = FreePort.any();
        Map<String, String> all = new HashMap<>(given);
        all.putIfAbsent(POD_NAME, NAME + "-" + STARTED.incrementAndGet());
        all.putIfAbsent("GLIDEPATH_POD_NAMESPACE", NAME);
        environment = Map.copyOf(all);
        all.putIfAbsent("GLIDEPATH_HTTP_PORT", Integer.toString(port));
        children.start(NAME, command, all);
        log = new DaemonLog(children.log(NAME));
    }

    /** Of its process. */
    public long pid() {
        return children.get(NAME).pid();
    }

    /** Its pod's name: no other process here has it, unless it was given. */
    public String podName() {
        return requireNonNull(environment.get(POD_NAME));
    }

    /** Starts another with the same name and the same variables, as a pod's container is restarted, and does not wait. */
    public DaemonProcess startAgain() {
        return new DaemonProcess(command, environment);
    }

    /** Waits until it receives, and ends it if it never does. */
    public DaemonProcess awaitReady() {
        try {
            awaitThat("was not ready", LIMIT, () -> {
                if (!isAlive()) {
                    throw new IllegalStateException("it ended:\n" + output());
                }
                return isReady();
            });
        } catch (AssertionError | RuntimeException never) {
            close(); // nobody has it to close it
            throw never;
        }
        return this;
    }

    /** Whether it receives. */
    public boolean isReady() {
        return status("/health/ready") == 200;
    }

    /** What it has told in whole lines, as far as it is in JSON. */
    public List<Line> lines() {
        return log.lines();
    }

    /** What it has told of this event. */
    public List<Line> told(LogEvent event) {
        return lines().stream().filter(line -> line.is(event)).toList();
    }

    /** Waits until it tells of this event, and gives the first such line. */
    public Line await1(LogEvent event) {
        awaitThat("did not tell of " + event.label(), LIMIT, () -> !told(event).isEmpty());
        return told(event).getFirst();
    }

    /** Its threads, as the kernel knows them: by fifteen letters of their names. */
    public List<String> threads() {
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid()), "task"))) {
            return tasks.map(DaemonProcess::nameOf).toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String nameOf(Path task) {
        try {
            return Files.readString(task.resolve("comm")).strip();
        } catch (IOException ended) {
            return "";
        }
    }

    /** Waits until this holds. When it never does, what it has told last is in the failure's words. */
    public void awaitThat(String otherwise, Duration limit, Callable<Boolean> holds) {
        try {
            await(otherwise).atMost(limit).until(holds);
        } catch (ConditionTimeoutException late) {
            List<String> all = output().lines().toList();
            throw new AssertionError(
                    "%s (%s) %s; of its health it says %s; it ended with:\n%s"
                            .formatted(
                                    NAME,
                                    podName(),
                                    otherwise,
                                    get("/health/ready").replaceAll("\\s+", " "),
                                    String.join("\n", all.subList(Math.max(0, all.size() - TAIL), all.size()))),
                    late);
        }
    }

    /** All it has written to standard output and standard error. */
    public String output() {
        try {
            return new String(Files.readAllBytes(children.log(NAME)), UTF_8); // its last letter may be half written
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Whether it has not ended. */
    public boolean isAlive() {
        return children.get(NAME).isAlive();
    }

    /** The body of a page of it; any status. */
    public String get(String path) {
        return response(path).map(HttpResponse::body).orElse("");
    }

    /** Kills it with -9 and waits until it is gone. */
    public void kill() {
        children.get(NAME).destroyForcibly();
        awaitExit();
    }

    /** Ends it with SIGTERM and gives its exit code. */
    public int terminate() {
        children.get(NAME).destroy();
        return awaitExit();
    }

    /** Waits until it has ended, and gives its exit code. */
    public int awaitExit() {
        try {
            if (!children.get(NAME).waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("it does not end:\n" + output());
            }
            return children.get(NAME).exitValue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** Calling it twice is safe. */
    @Override
    public synchronized void close() {
        atExit.close();
        children.close();
        http.close();
        folder.close();
    }

    private int status(String path) {
        return response(path).map(HttpResponse::statusCode).orElse(0);
    }

    private Optional<HttpResponse<String>> response(String path) {
        try {
            return Optional.of(http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .timeout(Duration.ofSeconds(30))
                            .build(),
                    HttpResponse.BodyHandlers.ofString()));
        } catch (IOException notUp) {
            return Optional.empty();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
