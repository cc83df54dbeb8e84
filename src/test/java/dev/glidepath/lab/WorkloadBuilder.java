package dev.glidepath.lab;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Describes a workload whose pods behave as told, then creates it. Unless told otherwise: one replica, on any node of the cluster, Ready at
 * once, gone one second after it was asked to go, with a grace period of 30 s and no priority.
 */
public final class WorkloadBuilder {
    private final TestCluster cluster;
    private final Kind kind;
    private final String name;
    private int replicas = 1;
    private List<LabNode> on = List.of();
    private PodTemplateSpec template;

    enum Kind {
        DEPLOYMENT,
        DAEMON_SET,
        STATEFUL_SET,
        POD
    }

    WorkloadBuilder(TestCluster cluster, Kind kind, String name) {
        this.cluster = cluster;
        this.kind = kind;
        this.name = name;
        this.template = new PodTemplateSpecBuilder()
                .withNewMetadata()
                .addToLabels("app", name)
                .endMetadata()
                .withNewSpec()
                .addToNodeSelector(TestCluster.LABEL, cluster.namespace())
                .withTerminationGracePeriodSeconds(30L)
                .addNewContainer()
                .withName("app")
                .withImage("app")
                .endContainer()
                .endSpec()
                .build();
    }

    /** Of a Deployment or a StatefulSet. */
    public WorkloadBuilder replicas(int replicas) {
        this.replicas = replicas;
        return this;
    }

    /** Only on these nodes, now and later; a bare pod on the first of them, whether it is cordoned or not. */
    public WorkloadBuilder on(LabNode... nodes) {
        this.on = List.of(nodes);
        return this;
    }

    /** How long a pod runs before it is Ready. */
    public WorkloadBuilder readyAfter(Duration delay) {
        return annotation("lab/ready-after", seconds(delay));
    }

    /** How long a pod takes to end once it was asked to; the end of its grace period cuts it short. */
    public WorkloadBuilder exitAfter(Duration delay) {
        return annotation("lab/exit-after", seconds(delay));
    }

    /** A pod never ends, as on a node whose kubelet is dead, and is there past the end of its grace period. */
    public WorkloadBuilder hangs() {
        return annotation("lab/hangs", "true");
    }

    /** A pod's containers end in their time, and the object stays until somebody takes this off. */
    public WorkloadBuilder finalizer(String finalizer) {
        return template(it -> new PodTemplateSpecBuilder(it)
                .editMetadata()
                .addToFinalizers(finalizer)
                .endMetadata()
                .build());
    }

    /** The pods' terminationGracePeriodSeconds. */
    public WorkloadBuilder grace(Duration grace) {
        return template(it -> new PodTemplateSpecBuilder(it)
                .editSpec()
                .withTerminationGracePeriodSeconds(grace.toSeconds())
                .endSpec()
                .build());
    }

    /** A priority class that is there, such as {@code system-cluster-critical}. */
    public WorkloadBuilder priorityClass(String priorityClass) {
        return template(it -> new PodTemplateSpecBuilder(it)
                .editSpec()
                .withPriorityClassName(priorityClass)
                .endSpec()
                .build());
    }

    /** A priority of one's own, at most a billion; its class is made if it is not there and stays, for all tests. */
    public WorkloadBuilder priority(int priority) {
        var priorityClass = new PriorityClassBuilder()
                .withNewMetadata()
                .withName("lab-" + priority)
                .endMetadata()
                .withValue(priority)
                .build();
        try {
            cluster.client().resource(priorityClass).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
        return priorityClass("lab-" + priority);
    }

    /** An annotation of the pods. */
    public WorkloadBuilder annotation(String key, String value) {
        return template(it -> new PodTemplateSpecBuilder(it)
                .editMetadata()
                .addToAnnotations(key, value)
                .endMetadata()
                .build());
    }

    /** Mounts a claim of this name. */
    public WorkloadBuilder claim(String name) {
        return template(it -> new PodTemplateSpecBuilder(it)
                .editSpec()
                .addNewVolume()
                .withName(name)
                .withNewPersistentVolumeClaim(name, false)
                .endVolume()
                .endSpec()
                .build());
    }

    /** Anything else about the pods: tolerations, volumes and the like. */
    public WorkloadBuilder template(UnaryOperator<PodTemplateSpec> change) {
        template = change.apply(template);
        return this;
    }

    /** Creates it and waits until its pods are Ready. */
    public Workload create() {
        return submit().awaitReady();
    }

    /**
     * Creates it with all its pods on that node, and waits until they are Ready; those that replace them later may go to any node. The other
     * nodes are cordoned meanwhile.
     */
    public Workload createOn(LabNode first) {
        var others = cluster.nodes().stream()
                .filter(node -> !node.equals(first))
                .filter(node -> !cluster.isCordoned(node))
                .toList();
        others.forEach(cluster::cordon);
        var workload = create();
        others.forEach(cluster::uncordon);
        if (workload.podsOn(first).size() != workload.desired()) {
            throw new IllegalStateException("not all pods of " + name + " are on " + first.name());
        }
        return workload;
    }

    /** Creates it and does not wait. */
    public Workload submit() {
        if (!on.isEmpty()) {
            pin();
        }
        cluster.client().resource(resource()).create();
        return new Workload(cluster, name, desired());
    }

    private int desired() {
        return switch (kind) {
            case DEPLOYMENT, STATEFUL_SET -> replicas;
            case DAEMON_SET -> on.isEmpty() ? cluster.nodes().size() : on.size();
            case POD -> 1;
        };
    }

    private HasMetadata resource() {
        var metadata = new ObjectMetaBuilder()
                .withNamespace(cluster.namespace())
                .withName(name)
                .build();
        return switch (kind) {
            case DEPLOYMENT -> deployment(metadata);
            case DAEMON_SET -> daemonSet(metadata);
            case STATEFUL_SET -> statefulSet(metadata);
            case POD -> pod(metadata);
        };
    }

    private HasMetadata deployment(ObjectMeta metadata) {
        return new DeploymentBuilder()
                .withMetadata(metadata)
                .withNewSpec()
                .withReplicas(replicas)
                .withNewSelector()
                .addToMatchLabels(Map.of("app", name))
                .endSelector()
                .withTemplate(template)
                .endSpec()
                .build();
    }

    private HasMetadata daemonSet(ObjectMeta metadata) {
        return new DaemonSetBuilder()
                .withMetadata(metadata)
                .withNewSpec()
                .withNewSelector()
                .addToMatchLabels(Map.of("app", name))
                .endSelector()
                .withTemplate(template)
                .endSpec()
                .build();
    }

    private HasMetadata statefulSet(ObjectMeta metadata) {
        return new StatefulSetBuilder()
                .withMetadata(metadata)
                .withNewSpec()
                .withReplicas(replicas)
                .withServiceName(name)
                .withNewSelector()
                .addToMatchLabels(Map.of("app", name))
                .endSelector()
                .withTemplate(template)
                .endSpec()
                .build();
    }

    private HasMetadata pod(ObjectMeta metadata) {
        return new PodBuilder()
                .withMetadata(new ObjectMetaBuilder(template.getMetadata())
                        .withNamespace(metadata.getNamespace())
                        .withName(metadata.getName())
                        .build())
                .withSpec(template.getSpec())
                .build();
    }

    private void pin() {
        if (kind == Kind.POD) {
            template(it -> new PodTemplateSpecBuilder(it)
                    .editSpec()
                    .withNodeName(on.getFirst().name())
                    .endSpec()
                    .build());
            return;
        }
        template(it -> new PodTemplateSpecBuilder(it)
                .editSpec()
                .withNewAffinity()
                .withNewNodeAffinity()
                .withNewRequiredDuringSchedulingIgnoredDuringExecution()
                .addNewNodeSelectorTerm()
                .addNewMatchExpression()
                .withKey("kubernetes.io/hostname")
                .withOperator("In")
                .withValues(on.stream().map(LabNode::name).toList())
                .endMatchExpression()
                .endNodeSelectorTerm()
                .endRequiredDuringSchedulingIgnoredDuringExecution()
                .endNodeAffinity()
                .endAffinity()
                .endSpec()
                .build());
    }

    /** As Go and the lab's stages read it. */
    private static String seconds(Duration delay) {
        return delay.toMillis() / 1000.0 + "s";
    }
}
