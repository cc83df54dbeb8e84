package dev.glidepath.departure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.departure.Ability.Standing;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ScriptedApiServer;
import dev.glidepath.replica.Capabilities;
import dev.glidepath.replica.Replica;
import dev.glidepath.replica.ReplicaId;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AbilityTest {
    private final AtomicReference<List<String>> unseen = new AtomicReference<>(List.of());
    private final ScriptedApiServer server = new ScriptedApiServer();
    private final KubernetesClient client = server.client();

    /** It is never started, and so never has a Lease. */
    private final Replica replica = new Replica(
            new ApiServer(client.getConfiguration()),
            new ReplicaId("glidepath", "glidepath", "pod-0", "5eed"),
            new Capabilities(1, ""),
            Clients.steady(() -> Instant.parse("2026-08-24T11:00:00Z")),
            new Random(7));

    private final Ability needsNoLease = new Ability(unseen::get, replica, Instant::now, true);
    private final Ability hasNoLease = new Ability(unseen::get, replica, Instant::now, false);

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    @Test
    void whatIsBackWithoutWhichOneHasDecidedIsToldOnce() {
        needsNoLease.decided(new Standing(false, true));

        assertThat(needsNoLease.takeWhatIsBack()).isTrue();
        assertThat(needsNoLease.takeWhatIsBack()).isFalse();
    }

    @Test
    void whatNobodyMissedIsNotTold() {
        needsNoLease.decided(new Standing(true, true));

        assertThat(needsNoLease.takeWhatIsBack()).isFalse();
    }

    @Test
    void whatIsStillMissingIsToldWhenItIsBack() {
        unseen.set(List.of("nodes are silent"));
        needsNoLease.decided(new Standing(true, false));
        assertThat(needsNoLease.takeWhatIsBack()).isFalse();

        unseen.set(List.of());

        assertThat(needsNoLease.takeWhatIsBack()).isTrue();
    }

    @Test
    void theOneThingIsToldThoughTheOtherIsMissing() {
        hasNoLease.decided(new Standing(false, false));

        assertThat(hasNoLease.takeWhatIsBack()).as("the view is back").isTrue();
        assertThat(hasNoLease.takeWhatIsBack()).as("the Lease is not").isFalse();
    }
}
