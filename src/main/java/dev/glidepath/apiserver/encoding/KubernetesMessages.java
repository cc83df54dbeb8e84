package dev.glidepath.apiserver.encoding;

import dev.glidepath.apiserver.encoding.MessageType.Value;

/**
 * The messages of which there are many, with the fields that are read of them.
 *
 * @see <a href="https://github.com/kubernetes/api/blob/master/core/v1/generated.proto">core/v1</a>
 * @see <a href="https://github.com/kubernetes/api/blob/master/policy/v1/generated.proto">policy/v1</a>
 * @see <a href="https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/generated.proto">meta/v1</a>
 */
final class KubernetesMessages {
    private static final MessageType OWNER_REFERENCE = new MessageType()
            .text(1, "kind")
            .text(3, "name")
            .text(4, "uid")
            .text(5, "apiVersion")
            .with(6, "controller", new Value.Flag(true));

    private static final MessageType OBJECT_META = new MessageType()
            .text(1, "name")
            .text(3, "namespace")
            .text(5, "uid")
            .text(6, "resourceVersion")
            .number(7, "generation")
            .time(8, "creationTimestamp")
            .time(9, "deletionTimestamp")
            .numberAndZero(10, "deletionGracePeriodSeconds")
            .textsByName(11, "labels")
            .textsByName(12, "annotations")
            .messages(13, "ownerReferences", OWNER_REFERENCE);

    private static final MessageType TOLERATION = new MessageType()
            .text(1, "key")
            .text(2, "operator")
            .text(3, "value")
            .text(4, "effect");

    private static final MessageType VOLUME_SOURCE = new MessageType()
            .message(1, "hostPath", new MessageType().text(1, "path"))
            .message(2, "emptyDir", MessageType.PRESENCE)
            .message(10, "persistentVolumeClaim", new MessageType().text(1, "claimName"))
            .message(29, "ephemeral", MessageType.PRESENCE);

    private static final MessageType CONTAINER_STATUS = new MessageType()
            .message(
                    2,
                    "state",
                    new MessageType()
                            .message(1, "waiting", MessageType.PRESENCE)
                            .message(2, "running", MessageType.PRESENCE)
                            .message(3, "terminated", MessageType.PRESENCE));

    /** Of a list: where the next page begins. */
    static final MessageType LIST_META =
            new MessageType().text(2, "resourceVersion").text(3, "continue");

    static final MessageType POD = new MessageType()
            .message(1, "metadata", OBJECT_META)
            .message(
                    2,
                    "spec",
                    new MessageType()
                            .messages(
                                    1,
                                    "volumes",
                                    new MessageType()
                                            .text(1, "name")
                                            .with(2, "volumeSource", new Value.Inline(VOLUME_SOURCE)))
                            .numberAndZero(4, "terminationGracePeriodSeconds")
                            .messages(22, "tolerations", TOLERATION)
                            .numberAndZero(25, "priority"))
            .message(
                    3,
                    "status",
                    new MessageType()
                            .text(1, "phase")
                            .messages(
                                    2,
                                    "conditions",
                                    new MessageType()
                                            .text(1, "type")
                                            .text(2, "status")
                                            .text(5, "reason"))
                            .messages(8, "containerStatuses", CONTAINER_STATUS)
                            .messages(10, "initContainerStatuses", CONTAINER_STATUS)
                            .messages(13, "ephemeralContainerStatuses", CONTAINER_STATUS));

    static final MessageType NODE = new MessageType()
            .message(1, "metadata", OBJECT_META)
            .message(
                    2,
                    "spec",
                    new MessageType()
                            .text(3, "providerID")
                            .flag(4, "unschedulable")
                            .messages(
                                    5,
                                    "taints",
                                    new MessageType()
                                            .text(1, "key")
                                            .text(2, "value")
                                            .text(3, "effect")))
            .message(
                    3,
                    "status",
                    new MessageType()
                            .messages(
                                    4,
                                    "conditions",
                                    new MessageType()
                                            .text(1, "type")
                                            .text(2, "status")
                                            .time(4, "lastTransitionTime")));

    static final MessageType POD_DISRUPTION_BUDGET = new MessageType()
            .message(1, "metadata", OBJECT_META)
            .message(
                    2,
                    "spec",
                    new MessageType()
                            .message(
                                    2,
                                    "selector",
                                    new MessageType()
                                            .textsByName(1, "matchLabels")
                                            .messages(
                                                    2,
                                                    "matchExpressions",
                                                    new MessageType()
                                                            .text(1, "key")
                                                            .text(2, "operator")
                                                            .texts(3, "values")))
                            .with(4, "unhealthyPodEvictionPolicy", new Value.Text(true)))
            .message(
                    3,
                    "status",
                    new MessageType()
                            .number(1, "observedGeneration")
                            .with(2, "disruptedPods", new Value.MapOf(new Value.Time()))
                            .numberAndZero(3, "disruptionsAllowed")
                            .numberAndZero(4, "currentHealthy")
                            .numberAndZero(5, "desiredHealthy")
                            .numberAndZero(6, "expectedPods"));

    private KubernetesMessages() {}
}
