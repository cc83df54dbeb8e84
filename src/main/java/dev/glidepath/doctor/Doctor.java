package dev.glidepath.doctor;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.config.ConfigCheck.Result.Valid;
import dev.glidepath.config.GlidepathConfig;
import dev.glidepath.event.Kind;
import dev.glidepath.lifecycle.AutoScalingClients;
import dev.glidepath.lifecycle.HookOwnership;
import dev.glidepath.queue.SqsClients;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.sts.StsClient;

/** Looks at one thing after the other; one that cannot be looked at does not keep the others from it. */
public final class Doctor {
    /** A large cluster has many pods to read. Each request has a limit of its own, of seconds. */
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final List<Examination> examinations;

    Doctor(List<Examination> examinations) {
        this.examinations = List.copyOf(examinations);
    }

    /**
     * What the doctor is told of a set-up.
     *
     * @param namespace the daemon's own
     * @param answered the kinds that something is done about
     * @param ownership which hooks are the daemon's, once its queue's ARN is known
     */
    public record Setup(
            Valid configuration,
            ApiServer apiServer,
            String namespace,
            Set<Kind> answered,
            Function<Optional<String>, HookOwnership> ownership) {
        public Setup {
            answered = Set.copyOf(answered);
        }
    }

    /** Looks at all there is, as whoever asks: with his credentials for AWS and his account in the cluster. */
    public static Doctor of(Setup setup) {
        GlidepathConfig config = setup.configuration().config();
        String region = setup.configuration().region();
        Queue queue = new Queue(SqsClients.forRegion(region), config.queueUrl().value());
        Listing listing = new Listing(setup.apiServer());
        Reviews reviews = new Reviews(setup.apiServer(), setup.namespace());

        List<Examination> all = new ArrayList<>(List.of(
                new ConfigurationExamination(setup.configuration().remarks()),
                new CredentialsExamination(LookingClients.forRegion(StsClient.builder(), region)),
                new QueueExamination(queue, !config.dryRun()),
                new RulesExamination(
                        LookingClients.forRegion(EventBridgeClient.builder(), region), queue::arn, setup.answered()),
                new ClusterExamination(reviews),
                new RightsExamination(
                        reviews,
                        Right.needed(!config.dryRun(), config.lastCall().enabled())),
                new NodesExamination(listing, config.node().selector())));
        if (setup.answered().contains(Kind.ASG_TERMINATION)) {
            all.add(new HooksExamination(
                    listing,
                    AutoScalingClients.forRegion(region),
                    () -> setup.ownership().apply(queue.arn())));
        }
        all.add(new BudgetsExamination(listing));
        all.add(new GracesExamination(listing));
        return new Doctor(all);
    }

    /** Tells what it finds as it finds it: each look may take seconds. */
    public void look(Consumer<Finding> tell) throws InterruptedException {
        Set<String> closed = new HashSet<>();
        for (Examination examination : examinations) {
            Set<String> before = new TreeSet<>(examination.after());
            before.retainAll(closed);
            if (before.isEmpty()) {
                look(examination, tell, closed);
            } else {
                String first = String.join(", ", before);
                tell.accept(Finding.warn(
                        examination.about(),
                        "not looked at, because of the " + first,
                        "mend the %s first".formatted(first)));
            }
        }
    }

    private static void look(Examination examination, Consumer<Finding> tell, Set<String> closed)
            throws InterruptedException {
        FutureTask<List<Finding>> look = new FutureTask<>(examination::look);
        Thread thread = Thread.startVirtualThread(look);
        try {
            look.get(LIMIT.toSeconds(), TimeUnit.SECONDS).forEach(tell);
        } catch (ExecutionException failed) {
            switch (Objects.requireNonNull(failed.getCause())) {
                case Examination.Closed found -> {
                    closed.add(examination.about());
                    tell.accept(found.why());
                }
                case Throwable broken -> tell.accept(unseen(examination.about(), broken));
            }
        } catch (TimeoutException late) {
            tell.accept(unseen(examination.about(), new IOException("no end after %d s".formatted(LIMIT.toSeconds()))));
        } finally {
            thread.interrupt();
        }
    }

    private static Finding unseen(String about, Throwable broken) {
        return switch (broken) {
            case ApiServer.Refused refused
            when refused.isDenied() ->
                Finding.warn(
                        about, "we may not look at them: " + refused.getMessage(), "grant the rights that are missing");
            case SdkException failed
            when Failures.isPassing(failed) ->
                Finding.warn(about, "AWS has no answer now: " + Failures.words(failed), "look again");
            case SdkException failed ->
                Finding.fail(
                        about,
                        "cannot be looked at: " + Failures.words(failed),
                        "see whether the region is right, and whether AWS can be reached from here");
            default ->
                Finding.fail(
                        about,
                        "cannot be looked at: " + broken.getMessage(),
                        "see whether the API server can be reached from here");
        };
    }
}
