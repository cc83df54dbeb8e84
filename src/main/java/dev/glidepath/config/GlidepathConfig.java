package dev.glidepath.config;

import dev.glidepath.drain.plan.Waves;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
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

    Drain drain();

    LastCall lastCall();

    Lifecycle lifecycle();

    Node node();

    Pod pod();

    Http http();

    Log log();

    /** How nodes are emptied. */
    @RegisterForReflection
    interface Drain {
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
    }

    /** Our own pod, which leaves its node last. */
    @RegisterForReflection
    interface Pod {
        /** Its name; the downward API knows it. */
        @Expects("a pod's name")
        Optional<String> name();

        /** Its namespace. */
        @Expects("a namespace")
        Optional<String> namespace();
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

    /** What becomes of a hook at the deadline. */
    enum AtDeadline {
        CONTINUE,
        ABANDON,
        EXPIRE
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
