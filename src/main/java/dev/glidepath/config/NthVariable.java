package dev.glidepath.config;

import dev.glidepath.cluster.DepartingTaint;
import dev.glidepath.config.NthVariable.Meaning.Becomes;
import dev.glidepath.config.NthVariable.Meaning.Holds;
import dev.glidepath.config.NthVariable.Meaning.Missing;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The environment variables that AWS Node Termination Handler heeds in its queue mode, and what each means here: whoever comes
 * from there may leave them as they are.
 *
 * @see <a href="https://github.com/aws/aws-node-termination-handler/blob/main/docs/configuration.md">NTH's configuration</a>
 */
@SuppressWarnings("ImmutableEnumChecker") // what they mean are records of immutable maps
public enum NthVariable {
    /** Without it, nothing of NTH's is read: other programs have variables of such names as well. */
    ENABLE_SQS_TERMINATION_DRAINING(
            new Holds("a queue is all that is listened to"),
            new Missing("there is no other mode: no instance is asked for its metadata")),

    // Where to listen.
    QUEUE_URL(Form.TEXT, new Becomes("GLIDEPATH_QUEUE_URL")),
    AWS_REGION(Form.TEXT, new Holds("the AWS SDK reads it")),
    AWS_ENDPOINT(Form.TEXT, new Missing("set AWS_ENDPOINT_URL, which the AWS SDK reads")),
    SQS_MSG_VISIBILITY_TIMEOUT_SEC(
            Form.NUMBER, new Holds("a message is kept invisible for as long as it is worked on")),
    DELETE_SQS_MSG_IF_NODE_NOT_FOUND(Words.MESSAGES_OF_OTHERS, Words.MESSAGES_OF_OTHERS),
    WORKERS(Form.NUMBER, new Holds("no departure waits for a worker")),

    // Which nodes.
    CHECK_TAG_BEFORE_DRAINING(Words.TAGS, new Holds("tags are not looked at")),
    CHECK_ASG_TAG_BEFORE_DRAINING(Words.TAGS, new Holds("tags are not looked at")),
    MANAGED_TAG(Form.TEXT, Words.TAGS),
    MANAGED_ASG_TAG(Form.TEXT, Words.TAGS),
    USE_PROVIDER_ID(Words.PROVIDER_ID, Words.PROVIDER_ID),

    // What is done to them.
    DRY_RUN(new Becomes("GLIDEPATH_DRY_RUN", "true"), new Becomes("GLIDEPATH_DRY_RUN", "false")),
    CORDON_ONLY(Becomes.onlyCordons(), new Holds("pods are evicted")),
    TAINT_NODE(Words.TAINT, Words.TAINT),
    TAINT_EFFECT(
            Form.TEXT, new Missing("the effect is NoSchedule, and PreferNoSchedule after a rebalance recommendation")),
    ENABLE_OUT_OF_SERVICE_TAINT(
            new Becomes("GLIDEPATH_NODE_OUT_OF_SERVICE_TAINT", "true"),
            new Becomes("GLIDEPATH_NODE_OUT_OF_SERVICE_TAINT", "false")),
    EXCLUDE_FROM_LOAD_BALANCERS(
            new Becomes("GLIDEPATH_NODE_EXCLUDE_FROM_LOAD_BALANCERS", "true"),
            new Becomes("GLIDEPATH_NODE_EXCLUDE_FROM_LOAD_BALANCERS", "false")),
    DELETE_LOCAL_DATA(
            new Becomes("GLIDEPATH_DRAIN_EVICT_EMPTY_DIR", "true"),
            new Becomes("GLIDEPATH_DRAIN_EVICT_EMPTY_DIR", "false")),
    IGNORE_DAEMON_SETS(
            new Holds("pods of DaemonSets stay"),
            new Missing("a DaemonSet's pods stay, unless they ask to be evicted by their annotation"
                    + " cluster-autoscaler.kubernetes.io/enable-ds-eviction")),
    POD_TERMINATION_GRACE_PERIOD(Form.NUMBER, Words.GRACE),
    GRACE_PERIOD(Form.NUMBER, Words.GRACE),
    NODE_TERMINATION_GRACE_PERIOD(
            Form.NUMBER, new Holds("a drain ends when EC2 takes the machine, which each interruption tells")),
    USE_APISERVER_CACHE(Words.LISTS, Words.LISTS),
    KUBE_API_QPS(Form.NUMBER, Words.RATE),
    KUBE_API_BURST(Form.NUMBER, Words.RATE),

    // Lifecycle hooks.
    HEARTBEAT_INTERVAL(Form.NUMBER, Words.HEARTBEATS),
    HEARTBEAT_UNTIL(Form.NUMBER, Words.HEARTBEATS),
    COMPLETE_LIFECYCLE_ACTION_DELAY_SECONDS(
            Form.NUMBER, new Holds("a hook is completed when the pods are gone and their volumes detached")),

    // Its own pod.
    NODE_NAME(Form.TEXT, new Holds("nothing depends on it")),
    POD_NAME(Form.TEXT, new Becomes("GLIDEPATH_POD_NAME")),
    NAMESPACE(Form.TEXT, new Becomes("GLIDEPATH_POD_NAMESPACE")),

    // What is told.
    JSON_LOGGING(new Becomes("GLIDEPATH_LOG_FORMAT", "json"), new Becomes("GLIDEPATH_LOG_FORMAT", "text")),
    LOG_LEVEL(Form.TEXT, new Becomes("GLIDEPATH_LOG_LEVEL")),
    LOG_FORMAT_VERSION(Form.NUMBER, new Missing("the log has fields of its own; its reference lists them")),
    EMIT_KUBERNETES_EVENTS(
            new Holds("Kubernetes events are always written"), new Missing("Kubernetes events are always written")),
    KUBERNETES_EVENTS_EXTRA_ANNOTATIONS(Form.TEXT, new Missing("Kubernetes events cannot be annotated yet")),
    ENABLE_PROMETHEUS_SERVER(Words.METRICS, Words.METRICS),
    PROMETHEUS_SERVER_PORT(Form.NUMBER, new Missing("/metrics is on the port of GLIDEPATH_HTTP_PORT")),
    ENABLE_PROBES_SERVER(Words.PROBES, Words.PROBES),
    PROBES_SERVER_PORT(Form.NUMBER, new Becomes("GLIDEPATH_HTTP_PORT")),
    PROBES_SERVER_ENDPOINT(Form.TEXT, new Missing("the probes are /health/live and /health/ready")),
    WEBHOOK_URL(Form.TEXT, Words.WEBHOOK),
    WEBHOOK_HEADERS(Form.TEXT, Words.WEBHOOK),
    WEBHOOK_TEMPLATE(Form.TEXT, Words.WEBHOOK),
    WEBHOOK_TEMPLATE_FILE(Form.TEXT, Words.WEBHOOK),
    WEBHOOK_PROXY(Form.TEXT, Words.WEBHOOK);

    private final Form form;
    private final Meaning meaning;
    private final Meaning ifFalse;

    NthVariable(Form form, Meaning meaning) {
        this.form = form;
        this.meaning = meaning;
        this.ifFalse = meaning;
    }

    NthVariable(Meaning ifTrue, Meaning ifFalse) {
        this.form = Form.SWITCH;
        this.meaning = ifTrue;
        this.ifFalse = ifFalse;
    }

    /** What a value may look like. */
    public enum Form {
        TEXT("a text", ".*"),
        NUMBER("a whole number", "-?[0-9]+"),
        /** As Go reads them. */
        SWITCH("true or false", "1|t|T|TRUE|true|True|0|f|F|FALSE|false|False");

        private static final Set<String> YES = Set.of("1", "t", "T", "TRUE", "true", "True");

        private final String words;
        private final Pattern pattern;

        Form(String words, String pattern) {
            this.words = words;
            this.pattern = Pattern.compile(pattern, Pattern.DOTALL);
        }

        /** In words that complete "expected …". */
        public String words() {
            return words;
        }

        private boolean allows(String value) {
            return pattern.matcher(value).matches();
        }
    }

    /** What a value of a variable of NTH's means here. */
    public sealed interface Meaning {
        /**
         * It is what these of our variables say.
         *
         * @param ours our variables and their values; an empty value is that of NTH's variable
         */
        record Becomes(Map<String, String> ours) implements Meaning {
            Becomes(String ours) {
                this(Map.of(ours, ""));
            }

            Becomes(String ours, String value) {
                this(Map.of(ours, value));
            }

            private static Becomes onlyCordons() {
                return new Becomes(Map.of(
                        "GLIDEPATH_RESPONSE_ASG_TERMINATION", "cordon",
                        "GLIDEPATH_RESPONSE_CAPACITY_RESERVATION", "cordon",
                        "GLIDEPATH_RESPONSE_SCHEDULED_CHANGE", "cordon",
                        "GLIDEPATH_RESPONSE_SPOT_INTERRUPTION", "cordon",
                        "GLIDEPATH_RESPONSE_STATE_CHANGE", "cordon"));
            }
        }

        /** It is so here anyway, or better; nothing needs to be set. */
        record Holds(String because) implements Meaning {}

        /** Nothing here does what it asks for. */
        record Missing(String instead) implements Meaning {}
    }

    /** What its value may look like. */
    public Form form() {
        return form;
    }

    /** What it means when it says yes, or whatever it says if it is no switch. */
    public Meaning meaning() {
        return meaning;
    }

    /** What it means when it says no; the same as otherwise if it is no switch. */
    public Meaning ifFalse() {
        return ifFalse;
    }

    /** What that value of it means; empty where it is none that NTH would take. */
    Optional<Meaning> of(String value) {
        boolean no = form == Form.SWITCH && !Form.YES.contains(value);
        return form.allows(value) ? Optional.of(no ? ifFalse : meaning) : Optional.empty();
    }

    /** What several of them mean. */
    private static final class Words {
        static final Meaning TAGS =
                new Missing("no instance is asked for its tags: nodes of this cluster are handled, those that"
                        + " GLIDEPATH_NODE_SELECTOR selects by their labels");
        static final Meaning PROVIDER_ID = new Holds("nodes are found by their provider id");
        static final Meaning MESSAGES_OF_OTHERS = new Holds(
                "a message about an unknown instance waits for its node, five minutes at most, and is deleted then");
        static final Meaning TAINT = new Holds("a node that departs is tainted " + DepartingTaint.KEY);
        static final Meaning GRACE = new Missing(
                "each pod gets the grace it asks for, or what is left of it when EC2 takes the machine before");
        static final Meaning LISTS = new Holds("pods are listed from the server and then watched");
        static final Meaning RATE =
                new Holds("requests are limited by GLIDEPATH_DRAIN_EVICTIONS_IN_FLIGHT, not by a rate");
        static final Meaning HEARTBEATS =
                new Holds("heartbeats are sent from the start, as often as the hook's own time-out wants");
        static final Meaning METRICS = new Holds("/metrics is always served");
        static final Meaning PROBES = new Holds("/health/live and /health/ready are always served");
        static final Meaning WEBHOOK = new Missing("there is no webhook yet");
    }
}
