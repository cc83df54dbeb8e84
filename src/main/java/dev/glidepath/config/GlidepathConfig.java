package dev.glidepath.config;

import dev.glidepath.drain.plan.Waves;
import dev.glidepath.event.Response;
import dev.glidepath.lifecycle.AtDeadline;
import dev.glidepath.node.NodeSelector;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/**
 * Every option. An option {@code a.bC} here is the environment variable {@code GLIDEPATH_A_B_C}. Credentials, region and
 * endpoints of AWS are the SDK's own variables; the cluster is the one we run in, or that of {@code KUBECONFIG}.
 */
@ConfigMapping(prefix = "glidepath")
@RegisterForReflection
public interface GlidepathConfig {

    /** The queue that EventBridge rules and lifecycle hooks feed. One queue serves one cluster. */
    @Expects("the URL of an SQS queue, such as https://sqs.eu-west-1.amazonaws.com/123456789012/glidepath")
    QueueUrl queueUrl();

    /** How many threads of this process receive from the queue. Work never waits for one of them. */
    @Expects("a whole number from 1 to 16")
    @WithDefault("2")
    int queueReceivers();

    /**
     * Whether to change nothing, neither in the cluster nor at AWS, and to tell what would be done: in the log, each line
     * beginning with {@code dry run: }. Messages are received and stay in the queue, so it should be a queue of its own.
     */
    @Expects("true or false")
    @WithDefault("false")
    boolean dryRun();

    Responses response();

    Scheduled scheduled();

    Drain drain();

    LastCall lastCall();

    Lifecycle lifecycle();

    Node node();

    Pod pod();

    Http http();

    Log log();

    /**
     * What is done about each kind of interruption. {@code ignore}: its message is deleted. {@code notify}: it is also told in
     * the log and as a Kubernetes event on the node. {@code cordon}: the node takes no new pods, and those on it stay. {@code
     * drain}: the node is cordoned and its pods are evicted.
     */
    @RegisterForReflection
    interface Responses {
        /**
         * To a spot interruption warning: {@code ignore} deletes its message, {@code notify} also tells of it in the log and as a
         * Kubernetes event on the node, {@code cordon} also lets no new pods onto the node, {@code drain} also evicts those on it.
         * The words mean the same for every kind.
         */
        @Expects("ignore, notify, cordon or drain")
        @WithDefault("drain")
        Response spotInterruption();

        /**
         * To a rebalance recommendation, which may come to nothing: {@code cordon} is only a taint {@code PreferNoSchedule} here,
         * and {@code drain} has no deadline. Both are undone after an hour if the instance is still well.
         */
        @Expects("ignore, notify, cordon or drain")
        @WithDefault("notify")
        Response rebalanceRecommendation();

        /** To an instance that is stopping or shutting down: {@code drain} evicts each pod once and shortens no grace. */
        @Expects("ignore, notify, cordon or drain")
        @WithDefault("drain")
        Response stateChange();

        /**
         * To an Auto Scaling group that terminates an instance a lifecycle hook holds: with {@code ignore} and {@code notify} the
         * hook is neither heartbeated nor completed, with {@code cordon} it is completed as soon as the node is cordoned, with
         * {@code drain} when the pods are gone.
         */
        @Expects("ignore, notify, cordon or drain")
        @WithDefault("drain")
        Response asgTermination();

        /** To a change that AWS Health announces for an instance: a reboot, maintenance, a retirement, a stop. */
        @Expects("ignore, notify, cordon or drain")
        @WithDefault("drain")
        Response scheduledChange();

        /** To a capacity reservation that is interrupted, or a Capacity Block that ends. */
        @Expects("ignore, notify, cordon or drain")
        @WithDefault("drain")
        Response capacityReservation();

        /** To whatever else AWS Health says of an instance. It ends none, so that nothing is done to its node. */
        @Expects("ignore or notify")
        @WithDefault("notify")
        Response healthNotice();
    }

    /** Changes that AWS Health announces long before. */
    @RegisterForReflection
    interface Scheduled {
        /** How long before the start of a scheduled change its node is cordoned and drained. */
        @Expects("a length of time from 1m to 7d, such as 90m or 2h")
        @WithDefault("1h")
        Duration leadTime();
    }

    /** How nodes are emptied. */
    @RegisterForReflection
    interface Drain {
        /**
         * Voluntary departures, which are those after a rebalance recommendation or ahead of a scheduled change, stop while more
         * than so many percent of the other nodes are departing or NotReady. The others never do.
         */
        @Expects("a whole number from 1 to 100")
        @WithDefault("20")
        int brake();

        /** How many evictions may be under way at once in this process. Fewer spare the API server, and cost time in a storm. */
        @Expects("a whole number from 1 to 1000")
        @WithDefault("64")
        int evictionsInFlight();

        /**
         * Which priorities go in which wave: {@code priority:share} with the part of the time there is after which the next wave's
         * turn comes at the latest; until then it waits for this one's pods to be gone. A wave without pods costs nothing. The
         * default: ordinary pods at once, cluster-critical ones (2000000000) when those were asked, node-critical ones
         * (2000001000) when all others are gone.
         */
        @Expects("a table such as 0:60%,2000000000:25%,2000001000:15%, whose shares are 100% at most")
        @WithDefault("default")
        Waves waves();

        /** Whether pods with data in an {@code emptyDir} are evicted. Else they stay, and lose it with the machine. */
        @Expects("true or false")
        @WithDefault("true")
        boolean evictEmptyDir();
    }

    /** What is done about pods whose budgets leave them no time. */
    @RegisterForReflection
    interface LastCall {
        /**
         * Whether a pod whose eviction is refused at its last call is deleted, so that it gets its grace before the machine goes.
         * If not, it is left to the machine, and the permission to delete pods is not needed.
         */
        @Expects("true or false")
        @WithDefault("true")
        boolean enabled();
    }

    /** Auto Scaling's lifecycle hooks. */
    @RegisterForReflection
    interface Lifecycle {
        /**
         * What is done at a pod's last call where nothing but a lifecycle hook ends the instance: {@code enforce} evicts once more
         * and then deletes, {@code stay} leaves the pod to its budgets until the deadline and wants {@code
         * GLIDEPATH_LIFECYCLE_AT_DEADLINE=expire}.
         */
        @Expects("enforce or stay")
        @WithDefault("enforce")
        AtLastCall atLastCall();

        /**
         * What Auto Scaling is told when the deadline comes before the drain is done: {@code continue}, {@code abandon} the other
         * hooks, or nothing more, so that the hook will {@code expire} with its own default result.
         */
        @Expects("continue, abandon or expire")
        @WithDefault("continue")
        AtDeadline atDeadline();

        /**
         * Groups whose hooks are ours even where the instance is no node here yet. A star stands for any characters, a question
         * mark for one, also for a comma in a name. The hook of such an instance is heartbeated from the start and completed if no node appears. Without it, a
         * hook is touched only when its instance is or was a node of this cluster.
         */
        @Expects("names of Auto Scaling groups with commas between them, such as workers-*,gpu-?")
        Optional<Names> groups();

        /**
         * Hooks that are ours, and the only ones, whatever they notify. Without it, ours are those whose name or notification
         * metadata begins with {@code glidepath}, those that notify our queue or a topic that feeds it, and the one that is the
         * only terminating hook of its group to notify nobody. The hooks EKS puts on its node groups (their names end in {@code
         * -LC-Hook}) never are.
         */
        @Expects("names of lifecycle hooks with commas between them, such as drain-hook,launch-hook")
        Optional<Names> hooks();
    }

    /** Nodes. */
    @RegisterForReflection
    interface Node {
        /**
         * Whether a node whose machine is off (EC2 says stopped or terminated, and the node is not Ready) is tainted {@code
         * node.kubernetes.io/out-of-service} until its pods and volumes are freed, or it is back.
         */
        @Expects("true or false")
        @WithDefault("false")
        boolean outOfServiceTaint();

        /** Which nodes may be touched: those with such labels, or all of them. Nothing is changed on the others, and their hooks are left alone. */
        @Expects("a label selector, such as team=web,!canary,zone in (a,b)")
        Optional<NodeSelector> selector();

        /**
         * The label whose value is the id of the capacity reservation that a node's instance runs in. The warning that a Capacity
         * Block ends names no instance; its nodes are found by this label.
         */
        @Expects("a label's key, such as karpenter.k8s.aws/capacity-reservation-id")
        @WithDefault("karpenter.k8s.aws/capacity-reservation-id")
        String capacityBlockLabel();

        /**
         * Whether a node that departs is also labelled {@code node.kubernetes.io/exclude-from-external-load-balancers}, so that
         * load balancers stop sending to it at once.
         */
        @Expects("true or false")
        @WithDefault("false")
        boolean excludeFromLoadBalancers();
    }

    /** Our own pod, which leaves its node last. */
    @RegisterForReflection
    interface Pod {
        /**
         * Its name, which the downward API knows. The Lease by which other replicas see that this one lives is named after it, so
         * that each replica needs its own. If it is not set, the host name.
         */
        @Expects("a pod's name, such as glidepath-7d4b9c6f5-x2x7k")
        Optional<String> name();

        /**
         * Its namespace, which is that of the Lease as well. If it is not set, the namespace of the service account or of the
         * kubeconfig, else {@code default}.
         */
        @Expects("a namespace")
        Optional<String> namespace();

        /**
         * The release it belongs to, where the chart installed it; all replicas of one installation say the same. Another installation
         * in the same namespace needs another, so that neither takes the other's replicas for its own.
         */
        @Expects("a name of small letters, digits, dots and hyphens, at most 63, such as glidepath")
        @WithDefault("glidepath")
        String release();
    }

    /** Health and metrics. */
    @RegisterForReflection
    interface Http {
        /** The port of {@code /health/live}, {@code /health/ready} and {@code /metrics}. */
        @Expects("a port from 1 to 65535")
        @WithDefault("8080")
        int port();
    }

    /** What is told on standard output. */
    @RegisterForReflection
    interface Log {
        /** One JSON object a line for machines, or plain text for people. */
        @Expects("json or text")
        @WithDefault("json")
        LogFormat format();

        /** The least level that is told. DEBUG tells each step, INFO each decision. */
        @Expects("DEBUG, INFO, WARN or ERROR")
        @WithDefault("INFO")
        LogLevel level();
    }

    /** What is done at a pod's last call under a hook. */
    enum AtLastCall {
        ENFORCE,
        STAY
    }

    /** How a line of the log looks. */
    enum LogFormat {
        JSON,
        TEXT
    }

    /** How much is told. */
    enum LogLevel {
        DEBUG,
        INFO,
        WARN,
        ERROR
    }
}
