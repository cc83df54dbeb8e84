package dev.glidepath.doctor.cluster;

import static dev.glidepath.lab.ScriptedApiServer.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.doctor.Finding;
import dev.glidepath.lab.ScriptedApiServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterFailuresTest {
    @ParameterizedTest
    @CsvSource({"403, true", "500, false"})
    void explainsOnlyAMissingPermission(int status, boolean explained) {
        try (var server = new ScriptedApiServer();
                var client = server.client()) {
            server.onList(answer(status, "{}"));
            var listing = new Listing(new ApiServer(client.getConfiguration()));

            Throwable failure = catchThrowable(() -> listing.forEach("/api/v1/nodes", node -> {}));

            assertThat(ClusterFailures.explain("nodes", failure)
                            .map(Finding::remedy)
                            .isPresent())
                    .isEqualTo(explained);
        }
    }
}
