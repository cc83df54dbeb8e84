package dev.glidepath.doctor.aws;

import dev.glidepath.doctor.Check;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Kind;
import dev.glidepath.lifecycle.AutoScalingClients;
import dev.glidepath.lifecycle.HookOwnership;
import dev.glidepath.queue.SqsClients;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.sts.StsClient;

/** Makes the checks at AWS. They use the SDK's default credentials. */
public final class AwsChecks {
    private final String region;
    private final Queue queue;

    /** Reads the instances behind the nodes of the cluster. */
    @FunctionalInterface
    public interface NodeInstances {
        List<InstanceId> read() throws IOException, InterruptedException;
    }

    public AwsChecks(String region, URI queueUrl) {
        this.region = region;
        this.queue = new Queue(SqsClients.forRegion(region), queueUrl);
    }

    public Check credentials() {
        return new CredentialsCheck(DoctorClients.forRegion(StsClient.builder(), region));
    }

    /**
     * Tries the permissions for messages, too, if the daemon needs them.
     *
     * @param writes whether the daemon deletes messages; a dry run does not
     */
    public Check queue(boolean writes) {
        return new QueueCheck(queue, writes);
    }

    /**
     * Runs after the check of the queue, which learns the queue's ARN.
     *
     * @param answered the kinds of interruption to which the daemon responds
     */
    public Check rules(Set<Kind> answered) {
        return new RulesCheck(DoctorClients.forRegion(EventBridgeClient.builder(), region), queue::arn, answered);
    }

    /**
     * Runs after the check of the queue, which learns the queue's ARN.
     *
     * @param ownership which hooks are the daemon's, by the queue's ARN if it is known
     */
    public Check hooks(NodeInstances instances, Function<Optional<String>, HookOwnership> ownership) {
        return new HooksCheck(instances, AutoScalingClients.forRegion(region), () -> ownership.apply(queue.arn()));
    }
}
