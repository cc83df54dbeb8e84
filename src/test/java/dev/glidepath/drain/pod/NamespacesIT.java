package dev.glidepath.drain.pod;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.lab.Clients;
import dev.glidepath.lab.ControlPlane;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NamespacesIT {
    private static final Duration LIMIT = ofMinutes(2);

    /** The one {@link SamplePod}s are in. */
    private static final String SHOP = "shop";

    private final ControlPlane plane = ControlPlane.shared();
    private final KubernetesClient client = Clients.ofDaemon(plane);
    private final Namespaces namespaces = new Namespaces(Clients.watcher(client));

    @BeforeEach
    void start() {
        plane.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(SHOP)
                        .endMetadata()
                        .build())
                .create();
        namespaces.start();
        await().atMost(LIMIT).until(namespaces::isSynced);
    }

    @AfterEach
    void end() {
        namespaces.close();
        client.close();
        plane.client().namespaces().withName(SHOP).delete();
    }

    @Test
    void podHasTheWishOfItsNamespaceUnlessItHasOneItself() {
        Pod web = SamplePod.of("web").build();
        Pod stubborn = SamplePod.of("stubborn").with(Trait.WAIT).build();
        assertThat(namespaces.wished(web)).isEqualTo(web);

        wish("\"skip\"");

        await().atMost(LIMIT).until(() -> namespaces.wished(web).is(Trait.SKIP));
        assertThat(namespaces.wished(web))
                .isEqualTo(SamplePod.of("web").with(Trait.SKIP).build());
        assertThat(namespaces.wished(stubborn)).isEqualTo(stubborn);

        wish("\"wait\"");
        await().atMost(LIMIT).until(() -> namespaces.wished(web).is(Trait.WAIT));
        assertThat(namespaces.wished(web).is(Trait.SKIP)).isFalse();

        wish("null");
        await().atMost(LIMIT).until(() -> namespaces.wished(web).equals(web));
    }

    private void wish(String value) {
        plane.client()
                .namespaces()
                .withName(SHOP)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"annotations\": {\"glidepath.dev/drain\": %s}}}".formatted(value));
    }
}
