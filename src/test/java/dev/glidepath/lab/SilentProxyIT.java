package dev.glidepath.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.glidepath.apiserver.ApiServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Between a client and a real API server. */
class SilentProxyIT {
    private final ControlPlane plane = ControlPlane.shared();

    @Test
    void isNotThereUntilItFallsSilent() throws IOException, InterruptedException {
        try (SilentProxy proxy = SilentProxy.before(plane);
                KubernetesClient client = Clients.of(proxy.kubeconfigFor(plane, "glidepath", "glidepath"))) {
            ApiServer apiServer = new ApiServer(client.getConfiguration());
            assertThat(apiServer.get("/api/v1/nodes?limit=1").code()).isEqualTo(200);

            proxy.silenceAll();

            assertThatExceptionOfType(ApiServer.TimedOut.class)
                    .isThrownBy(() -> apiServer.within(Duration.ofSeconds(2)).get("/api/v1/nodes?limit=1"));
        }
    }
}
