package dev.glidepath.lab;

import dev.glidepath.event.InstanceId;
import dev.glidepath.node.Journal;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBindingBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetSpec;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetSpecBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A namespace and nodes of one test's own on a control plane that others use as well; its workloads run on its nodes only.
 *
 * <pre>{@code
 *   try (var cluster = TestCluster.create(ControlPlane.shared())) {
 *       var doomed = cluster.node("doomed");
 *       cluster.node("other");
 *       var web = cluster.deployment("web").replicas(4).readyAfter(ofSeconds(3)).exitAfter(ofSeconds(1)).createOn(doomed);
 *       cluster.budget("web", web).maxUnavailable(1);
 *       // …
 *   }
 * }</pre>
 *
 * Whatever it makes is there when the call returns: nodes and pods are Ready, budgets are reckoned with. Nothing waits longer than
 * four minutes, which only ends a hang. For the thread of one test.
 */
public final class TestCluster implements AutoCloseable {
    /** On every node of this cluster, its value the namespace. */
    static final String LABEL = "lab/cluster";

    private static final String NOT_READY = "lab/not-ready";

    private static final String BOOT = "lab/boot";
    private static final String NODE_LEASES = "kube-node-lease";
    /** A Lease's times have exactly six digits after the second. */
    private static final DateTimeFormatter LEASE_TIME =
            new DateTimeFormatterBuilder().appendInstant(6).toFormatter(Locale.ROOT);

    private static final Duration LIMIT = Duration.ofMinutes(4);

    private final KubernetesClient client;
    private final String namespace;
    private final String nodePrefix;
    private final List<LabNode> nodes = new CopyOnWriteArrayList<>();

    /** With names nobody else has. */
    public static TestCluster create(ControlPlane plane) {
        var namespace = "test-" + UUID.randomUUID().toString().substring(0, 8);
        return new TestCluster(plane, namespace, namespace + "-");
    }

    /** With just these names, for a control plane that nobody shares. */
    public static TestCluster named(ControlPlane plane, String namespace) {
        return new TestCluster(plane, namespace, "");
    }

    private TestCluster(ControlPlane plane, String namespace, String nodePrefix) {
        this.client = plane.client();
        this.namespace = namespace;
        this.nodePrefix = nodePrefix;
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        await(
                "the namespace's default ServiceAccount, without which no pod is let in",
                () -> client.serviceAccounts()
                                .inNamespace(namespace)
                                .withName("default")
                                .get()
                        != null);
    }

    /** As admin. */
    public KubernetesClient client() {
        return client;
    }

    public String namespace() {
        return namespace;
    }

    /** Adds a node on a new instance. */
    public LabNode node(String name) {
        return nodes(name).getFirst();
    }

    /** Adds a node on a new instance, with these labels besides those every node has. */
    public LabNode node(String name, Map<String, String> labels) {
        return nodes(labels, name).getFirst();
    }

    /** Adds a node on that instance, which somebody may wait for: it is Ready when this returns, and perhaps tainted already. */
    public LabNode node(String name, InstanceId instance) {
        var added = new LabNode(nodePrefix + name, instance);
        create(Map.of(), List.of(added));
        await(added.name() + " to be Ready", () -> Readiness.getInstance().isReady(live(added)));
        return added;
    }

    /** Adds nodes, each on a new instance. */
    public List<LabNode> nodes(String... names) {
        return nodes(Map.of(), names);
    }

    private List<LabNode> nodes(Map<String, String> labels, String... names) {
        var added =
                Stream.of(names).map(name -> LabNode.named(nodePrefix + name)).toList();
        create(labels, added);
        added.forEach(node -> await(node.name() + " to be Ready", () -> isReady(live(node))));
        return added;
    }

    private void create(Map<String, String> labels, List<LabNode> added) {
        added.forEach(node -> client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(node.name())
                        .addToLabels(labels)
                        .addToLabels(LABEL, namespace)
                        .addToLabels("kubernetes.io/hostname", node.name())
                        .addToLabels("kubernetes.io/os", "linux")
                        .addToLabels("topology.kubernetes.io/zone", LabNode.ZONE)
                        .endMetadata()
                        .withNewSpec()
                        .withProviderID(node.providerId())
                        .endSpec()
                        .build())
                .create());
        nodes.addAll(added);
    }

    /** All nodes made so far. */
    public List<LabNode> nodes() {
        return List.copyOf(nodes);
    }

    /** The node as the API server has it now. */
    public Node live(LabNode node) {
        return client.nodes().withName(node.name()).require();
    }

    /** What the daemon has journaled on it; empty where nothing can be read. */
    public Optional<Journal> journal(LabNode node) {
        return Optional.ofNullable(live(node).getMetadata().getAnnotations())
                .map(annotations -> annotations.get("glidepath.dev/departure"))
                .flatMap(Journal::parse);
    }

    /** Whether it takes no new pods, whoever wanted that. */
    public boolean isCordoned(LabNode node) {
        return Boolean.TRUE.equals(live(node).getSpec().getUnschedulable());
    }

    /** Takes no new pods from now on, as {@code kubectl cordon}. */
    public void cordon(LabNode node) {
        setUnschedulable(node, true);
    }

    /** Takes new pods again, as {@code kubectl uncordon}. */
    public void uncordon(LabNode node) {
        setUnschedulable(node, false);
    }

    /** Makes the node not Ready, as if its kubelet had died, and waits until it is. Its Lease is renewed all the same. */
    public void notReady(LabNode node) {
        annotate(node, NOT_READY, "true");
        await(node.name() + " not to be Ready", () -> !Readiness.getInstance().isReady(live(node)));
    }

    /** Has its kubelet say that the node is not Ready, and waits until it is so; its Lease is renewed, and its pods end. */
    public void saysItIsNotReady(LabNode node) {
        annotate(node, NOT_READY, "said");
        await(node.name() + " not to be Ready", () -> !Readiness.getInstance().isReady(live(node)));
    }

    /** Makes it Ready again, and waits until it is. */
    public void ready(LabNode node) {
        annotate(node, NOT_READY, null);
        await(node.name() + " to be Ready", () -> Readiness.getInstance().isReady(live(node)));
    }

    /**
     * Reboots the machine: not Ready for a second or two, then Ready since a later second than before, with another boot id and a
     * Lease renewed since.
     */
    public void reboots(LabNode node) {
        Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        annotate(node, BOOT, UUID.randomUUID().toString());
        notReady(node);
        await(
                "the second after the next: transitions are told in whole ones, and kwok is to have seen this one",
                () -> Instant.now().isAfter(before.plusSeconds(2)));
        ready(node);
        patchLease(node, "\"renewTime\": \"%s\"".formatted(LEASE_TIME.format(Instant.now())));
    }

    /** When its kubelet's Lease was renewed last. */
    public Instant renewedAt(LabNode node) {
        return lease(node).getSpec().getRenewTime().toInstant();
    }

    private Lease lease(LabNode node) {
        return client.leases().inNamespace(NODE_LEASES).withName(node.name()).require();
    }

    private void patchLease(LabNode node, String spec) {
        client.leases()
                .inNamespace(NODE_LEASES)
                .withName(node.name())
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {%s}}".formatted(spec));
    }

    /** A Deployment to be described further and created. */
    public WorkloadBuilder deployment(String name) {
        return new WorkloadBuilder(this, WorkloadBuilder.Kind.DEPLOYMENT, name);
    }

    /** A DaemonSet, one pod on each node made before it, to be described further and created. */
    public WorkloadBuilder daemonSet(String name) {
        return new WorkloadBuilder(this, WorkloadBuilder.Kind.DAEMON_SET, name);
    }

    /** A StatefulSet, to be described further and created. */
    public WorkloadBuilder statefulSet(String name) {
        return new WorkloadBuilder(this, WorkloadBuilder.Kind.STATEFUL_SET, name);
    }

    /** A bare pod, which nothing replaces, to be described further and created. */
    public WorkloadBuilder pod(String name) {
        return new WorkloadBuilder(this, WorkloadBuilder.Kind.POD, name);
    }

    /** A PodDisruptionBudget over the workload's pods; how much it allows is still to be said. */
    public Budget budget(String name, Workload over) {
        return new Budget(name, over);
    }

    /** A PodDisruptionBudget that is made when it is told how much it allows; in force when that call returns. */
    public final class Budget {
        private final String name;
        private final Workload over;

        private Budget(String name, Workload over) {
            this.name = name;
            this.over = over;
        }

        public void maxUnavailable(int pods) {
            create(spec().withMaxUnavailable(new IntOrString(pods)).build());
        }

        public void minAvailable(int pods) {
            create(spec().withMinAvailable(new IntOrString(pods)).build());
        }

        private PodDisruptionBudgetSpecBuilder spec() {
            return new PodDisruptionBudgetSpecBuilder()
                    .withNewSelector()
                    .addToMatchLabels(over.label())
                    .endSelector();
        }

        private void create(PodDisruptionBudgetSpec spec) {
            var budget = client.resource(new PodDisruptionBudgetBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .withNamespace(namespace)
                    .endMetadata()
                    .withSpec(spec)
                    .build());
            budget.create();
            await("budget " + name + " to be in force", () -> {
                var status = budget.get().getStatus();
                return status != null && status.getObservedGeneration() != null;
            });
        }
    }

    /** An admission policy that refuses every eviction here with these words; in force when this returns, until the cluster is closed. */
    public void refuseEvictions(String why) {
        client.resource(new ValidatingAdmissionPolicyBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .addToLabels(LABEL, namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withNewMatchConstraints()
                        .addNewResourceRule()
                        .withApiGroups("")
                        .withApiVersions("v1")
                        .withOperations("CREATE")
                        .withResources("pods/eviction")
                        .endResourceRule()
                        .endMatchConstraints()
                        .addNewValidation()
                        .withExpression("false")
                        .withMessage(why)
                        .endValidation()
                        .endSpec()
                        .build())
                .create();
        client.resource(new ValidatingAdmissionPolicyBindingBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .addToLabels(LABEL, namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withPolicyName(namespace)
                        .withValidationActions("Deny")
                        .withNewMatchResources()
                        .withNewNamespaceSelector()
                        .addToMatchLabels("kubernetes.io/metadata.name", namespace)
                        .endNamespaceSelector()
                        .endMatchResources()
                        .endSpec()
                        .build())
                .create();
        await("the policy to be in force", () -> codeOfEvictingNobody() != HttpURLConnection.HTTP_NOT_FOUND);
    }

    /**
     * An admission policy that makes a dry run of every eviction here: each is answered with yes, and has no effect. In force when
     * this returns, until it or the cluster is closed.
     */
    public AutoCloseable makeDryRunsOfEvictions() {
        String policy = """
                {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingAdmissionPolicy",
                 "metadata": {"name": "%1$s", "labels": {"%2$s": "%1$s"}},
                 "spec": {"failurePolicy": "Fail", "reinvocationPolicy": "Never",
                  "matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"],
                   "operations": ["CREATE"], "resources": ["pods/eviction"]}]},
                  "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression":
                   "[JSONPatch{op: 'add', path: '/deleteOptions/dryRun', value: ['All']}]"}}]}}
                """.formatted(namespace, LABEL);
        String binding = """
                {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingAdmissionPolicyBinding",
                 "metadata": {"name": "%1$s", "labels": {"%2$s": "%1$s"}},
                 "spec": {"policyName": "%1$s", "matchResources": {"namespaceSelector":
                  {"matchLabels": {"kubernetes.io/metadata.name": "%1$s"}}}}}
                """.formatted(namespace, LABEL);
        client.resource(policy).create();
        client.resource(binding).create();
        await("the policy to be in force", this::isAProbeSpared);
        return () -> {
            client.resource(binding).delete();
            client.resource(policy).delete();
        };
    }

    /** Evicts a pod that no node runs, which is deleted by that at once, unless a policy spares it. */
    private boolean isAProbeSpared() {
        String name = "probe-" + UUID.randomUUID();
        var probe = client.resource("""
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s", "namespace": "%s"},
                 "spec": {"nodeSelector": {"no-such": "node"}, "containers": [{"name": "main", "image": "none"}]}}
                """.formatted(name, namespace));
        probe.create();
        client.raw("/api/v1/namespaces/" + namespace + "/pods/" + name + "/eviction", "POST", """
                {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "%s"}, "deleteOptions": {}}
                """.formatted(name));
        boolean isSpared = probe.get() != null;
        if (isSpared) {
            probe.delete();
        }
        return isSpared;
    }

    /** All pods of this cluster on that node, terminating ones included. */
    public List<Pod> podsOn(LabNode node) {
        return client.pods()
                .inNamespace(namespace)
                .withField("spec.nodeName", node.name())
                .list()
                .getItems();
    }

    /** Deletes what was made, without grace, and does not wait for the last of it. */
    @Override
    public void close() {
        client.namespaces().withName(namespace).delete(); // first, so that nothing is replaced
        client.pods().inNamespace(namespace).withGracePeriod(0).delete();
        client.pods().inNamespace(namespace).list().getItems().stream()
                .filter(pod -> !pod.getMetadata().getFinalizers().isEmpty())
                .forEach(this::letGo);
        client.nodes().withLabel(LABEL, namespace).delete();
        var admission = client.admissionRegistration().v1();
        admission.validatingAdmissionPolicyBindings().withName(namespace).delete();
        admission.validatingAdmissionPolicies().withName(namespace).delete();
    }

    /** Takes the finalizers off a pod, which may be gone by then: a Job's controller takes its own off, too. */
    private void letGo(Pod pod) {
        try {
            client.resource(pod).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"finalizers\": null}}");
        } catch (KubernetesClientException refused) {
            if (refused.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw refused;
            }
        }
    }

    private int codeOfEvictingNobody() {
        try {
            client.raw("/api/v1/namespaces/" + namespace + "/pods/nobody/eviction", "POST", """
                    {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "nobody"}}""");
            throw new IllegalStateException("there is no such pod");
        } catch (KubernetesClientException refused) {
            return refused.getCode();
        }
    }

    /** @throws org.awaitility.core.ConditionTimeoutException when it takes longer than four minutes, naming what was awaited */
    void await(String what, Callable<Boolean> isThere) {
        Awaitility.await(what)
                .atMost(LIMIT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(100))
                .until(isThere);
    }

    /** A merge patch, which meets no conflict with the controllers that write to the node at the same time. */
    private void annotate(LabNode node, String key, @Nullable String value) {
        String json = value == null ? "null" : "\"" + value + "\"";
        client.nodes()
                .withName(node.name())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"annotations\": {\"%s\": %s}}}".formatted(key, json));
    }

    private void setUnschedulable(LabNode node, boolean unschedulable) {
        client.nodes()
                .withName(node.name())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\": {\"unschedulable\": %b}}".formatted(unschedulable));
    }

    /** Ready, and the taints a node is born with are off, so that pods are scheduled there at once. */
    private static boolean isReady(Node node) {
        return Readiness.getInstance().isReady(node)
                && node.getSpec().getTaints().isEmpty();
    }
}
