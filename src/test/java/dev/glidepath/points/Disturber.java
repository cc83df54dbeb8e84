package dev.glidepath.points;

import static java.time.Duration.ofSeconds;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.FaultProxy;
import dev.glidepath.lab.FaultProxy.Passage;
import dev.glidepath.lab.FaultProxy.Request;
import dev.glidepath.lab.Valve;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Lets a {@link Disturbance} happen to a daemon at one of its requests, and nothing else. */
final class Disturber {
    /** Sooner than a watch is known to be silent. */
    private static final Duration VIEW_CATCHES_UP_AFTER = ofSeconds(25);

    private static final String ANNOTATION = "glidepath.dev/departure";

    /** What the daemon lists before it watches: these are as they were. */
    private static final Set<String> WATCHED = Set.of(
            "/api/v1/nodes",
            "/api/v1/pods",
            "/api/v1/namespaces",
            "/apis/policy/v1/poddisruptionbudgets",
            "/apis/storage.k8s.io/v1/volumeattachments",
            "/apis/coordination.k8s.io/v1/namespaces/glidepath/leases");

    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private final Disturbance disturbance;
    private final TestSetup setup;
    private final FaultProxy apiServer;
    private final Valve valve;
    private final Daemons daemons;
    private boolean disturbed;
    private volatile Instant overAt = Instant.MIN;

    /** The process that is disturbed, and those that come after it. */
    interface Daemons {
        DaemonProcess current();

        /** Starts it again under the same name. */
        void startAgain();
    }

    Disturber(Disturbance disturbance, TestSetup setup, FaultProxy apiServer, Valve valve, Daemons daemons) {
        this.disturbance = disturbance;
        this.setup = setup;
        this.apiServer = apiServer;
        this.valve = valve;
        this.daemons = daemons;
    }

    /** Whether there was something to disturb. */
    boolean hasDisturbed() {
        return disturbed;
    }

    /** Whether things are again as they seem. */
    boolean isOver(Instant now) {
        return !now.isBefore(overAt);
    }

    /** Disturbs this request: passes it on, or not, and gives the answer back, or not. */
    void disturb(Passage passage) throws IOException, InterruptedException {
        disturbed = true;
        switch (disturbance) {
            case KILLED -> {
                passage.forward();
                daemons.current().kill();
                daemons.startAgain();
            }
            case KILLED_BEFORE -> {
                daemons.current().kill();
                daemons.startAgain();
            }
            case KILLED_FOR_GOOD -> {
                passage.forward();
                daemons.current().kill();
            }
            case ANSWER_LOST -> passage.forward();
            case VIEW_STANDS_STILL -> {
                valve.shut();
                afterAWhile(valve::open);
                passage.forward();
                passage.giveBack();
            }
            case KILLED_AND_VIEW_IS_OLD -> {
                FaultProxy.Rule past = apiServer.on(Disturber::isList).asOf(revision());
                valve.shut();
                afterAWhile(() -> {
                    past.end();
                    valve.open();
                });
                passage.forward();
                daemons.current().kill();
                daemons.startAgain();
            }
            case NODE_BLINKS -> nodeBlinks(passage);
            case ROOM_BLINKS -> roomBlinks(passage);
            case JOURNAL_BLINKS -> journalBlinks(passage);
        }
    }

    private void afterAWhile(Runnable then) {
        overAt = Instant.now().plus(VIEW_CATCHES_UP_AFTER);
        Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(VIEW_CATCHES_UP_AFTER);
            } catch (InterruptedException neverHappens) {
                Thread.currentThread().interrupt();
            }
            then.run();
        });
    }

    /** All objects are of one history. */
    private String revision() {
        return client().nodes().list().getMetadata().getResourceVersion();
    }

    static boolean isList(Request request) {
        return request.method().equals("GET")
                && !request.isWatch()
                && WATCHED.contains(request.path())
                && !request.query()
                        .contains("metadata.name"); // such a question is asked anew, and never answered from memory
    }

    private void nodeBlinks(Passage passage) throws IOException, InterruptedException {
        valve.shut();
        passage.forward();
        ready(false);
        ready(true);
        valve.openAnew();
        passage.giveBack();
    }

    private void ready(boolean ready) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        client().nodes()
                .withName(setup.doomed().name())
                .subresource("status")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), """
                        {"status": {"conditions": [{"type": "Ready", "status": "%s", "reason": "%s", "message": "as it blinks",
                          "lastTransitionTime": "%s", "lastHeartbeatTime": "%s"}]}}
                        """.formatted(
                                ready ? "True" : "False", ready ? "KubeletReady" : "KubeletNotReady", now, now));
    }

    private void roomBlinks(Passage passage) throws IOException, InterruptedException {
        Optional<PodDisruptionBudget> budget =
                client()
                        .policy()
                        .v1()
                        .podDisruptionBudget()
                        .inNamespace(setup.cluster().namespace())
                        .list()
                        .getItems()
                        .stream()
                        .filter(each -> each.getStatus().getDisruptionsAllowed() > 0)
                        .findFirst();
        if (budget.isEmpty()) {
            disturbed = false;
            passage.forward();
            passage.giveBack();
            return;
        }
        valve.shut();
        room(budget.get(), 0);
        passage.forward();
        room(budget.get(), budget.get().getStatus().getDisruptionsAllowed());
        valve.openAnew();
        passage.giveBack();
    }

    private void room(PodDisruptionBudget budget, int pods) {
        client().policy()
                .v1()
                .podDisruptionBudget()
                .inNamespace(setup.cluster().namespace())
                .withName(budget.getMetadata().getName())
                .subresource("status")
                .patch(MERGE, "{\"status\": {\"disruptionsAllowed\": %d}}".formatted(pods));
    }

    private void journalBlinks(Passage passage) throws IOException, InterruptedException {
        String before = journal();
        valve.shut();
        journal("{}");
        passage.forward();
        if ("{}".equals(journal())) {
            journal(before);
        }
        valve.openAnew();
        passage.giveBack();
    }

    private @Nullable String journal() {
        return setup.cluster()
                .live(setup.doomed())
                .getMetadata()
                .getAnnotations()
                .get(ANNOTATION);
    }

    /** None where it is null. */
    private void journal(@Nullable String text) {
        client().nodes()
                .withName(setup.doomed().name())
                .patch(MERGE, "{\"metadata\": {\"annotations\": {\"%s\": %s}}}".formatted(ANNOTATION, quoted(text)));
    }

    private static String quoted(@Nullable String text) {
        return text == null ? "null" : TextNode.valueOf(text).toString();
    }

    private KubernetesClient client() {
        return setup.cluster().client();
    }
}
