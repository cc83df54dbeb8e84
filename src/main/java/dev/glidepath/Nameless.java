package dev.glidepath;

import dev.glidepath.node.Nodes;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.LogEvent;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** Whether there are nodes that no interruption finds, as they do not tell which instance they run on. */
final class Nameless {
    private final Nodes nodes;
    private final DecisionLog log;
    private final AtomicBoolean reported = new AtomicBoolean();

    Nameless(Nodes nodes, DecisionLog log) {
        this.nodes = nodes;
        this.log = log;
    }

    /** To be called when the nodes are known: warns, once. */
    void reportOnceKnown() {
        int nameless = nodes.nameless();
        if (nameless > 0 && !reported.getAndSet(true)) {
            log.tell(
                    LogEvent.NODES_WITHOUT_INSTANCE,
                    nameless + (nameless == 1 ? " Ready node tells" : " Ready nodes tell")
                            + " no EC2 instance, neither in spec.providerID nor otherwise: no interruption finds them."
                            + " Run the AWS cloud controller, or start the kubelet with --provider-id",
                    Map.of());
        }
    }
}
