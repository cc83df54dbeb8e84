package dev.glidepath;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.departure.Ability;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ScriptedApiServer;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.replica.Capabilities;
import dev.glidepath.replica.Replica;
import dev.glidepath.replica.ReplicaId;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AbilityWatchTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-08-24T11:00:00Z"));
    private final AtomicReference<List<String>> unseen = new AtomicReference<>(List.of());
    private final AtomicInteger changes = new AtomicInteger();
    private final ScriptedApiServer server = new ScriptedApiServer();
    private final KubernetesClient client = server.client();

    /** It is never started, and so never has a Lease. */
    private final Replica replica = new Replica(
            new ApiServer(client.getConfiguration()),
            new ReplicaId("glidepath", "glidepath", "pod-0", "5eed"),
            new Capabilities(1, ""),
            Clients.steady(now::get),
            new Random(7));

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    @Test
    void tellsOfEachChangeOnce() {
        AbilityWatch watch = watch(true);

        watch.lookOnce();
        watch.lookOnce();
        assertThat(changes).as("it can act from the first").hasValue(1);

        unseen.set(List.of("nodes are silent"));
        watch.lookOnce();
        watch.lookOnce();
        assertThat(changes).hasValue(2);

        unseen.set(List.of());
        watch.lookOnce();
        watch.lookOnce();
        assertThat(changes).hasValue(3);
    }

    @Test
    void tellsOfEachThingThatIsMissingThoughItCannotActBefore() {
        AbilityWatch watch = watch(false);
        watch.lookOnce();
        pass(ofSeconds(10));
        watch.lookOnce();
        assertThat(changes).as("no Lease").hasValue(1);

        unseen.set(List.of("nodes are silent"));
        watch.lookOnce();
        watch.lookOnce();
        assertThat(changes).as("no Lease, and no nodes").hasValue(2);

        unseen.set(List.of("nodes are silent for longer"));
        watch.lookOnce();
        assertThat(changes).as("the same in other words").hasValue(2);
    }

    @Test
    void isPatientAtTheStart() {
        AbilityWatch watch = watch(false);

        watch.lookOnce();
        pass(ofSeconds(9));
        watch.lookOnce();
        assertThat(changes).hasValue(0);

        pass(ofSeconds(1));
        watch.lookOnce();
        assertThat(changes).hasValue(1);
    }

    @Test
    void whatIsMissingIsNamed() {
        Ability writing = new Ability(unseen::get, replica, now::get, false);
        Ability dry = new Ability(unseen::get, replica, now::get, true);
        assertThat(writing.missing()).containsExactly("no Lease shows that this replica lives");
        assertThat(dry.missing()).as("who writes nothing needs no Lease").isEmpty();
        assertThat(dry.canAct()).isTrue();

        unseen.set(List.of("nodes are silent"));

        assertThat(writing.missing()).containsExactly("nodes are silent", "no Lease shows that this replica lives");
        assertThat(dry.canAct()).isFalse();
    }

    private AbilityWatch watch(boolean dryRun) {
        return new AbilityWatch(
                new Ability(unseen::get, replica, now::get, dryRun),
                changes::incrementAndGet,
                new DecisionLog(),
                now::get);
    }

    private void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }
}
