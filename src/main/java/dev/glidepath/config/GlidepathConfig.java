package dev.glidepath.config;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

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

    Http http();

    Log log();

    /** How nodes are emptied. */
    @RegisterForReflection
    interface Drain {
        /** How many evictions may be under way at once in this process. Fewer spare the API server, and cost time in a storm. */
        @Expects("a whole number from 1 to 1000")
        @WithDefault("64")
        int evictionsInFlight();
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
