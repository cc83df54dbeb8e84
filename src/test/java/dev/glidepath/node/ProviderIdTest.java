package dev.glidepath.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.InstanceId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderIdTest {
    @Test
    void endsWithTheInstanceIdOnEc2() {
        assertThat(new ProviderId("aws:///eu-west-1a/i-0a1b2c3d4e5f60001").instance())
                .contains(new InstanceId("i-0a1b2c3d4e5f60001"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "i-0a1b2c3d4e5f60001",
                "aws:///",
                "aws:///eu-west-1a/",
                "aws:///eu-west-1a/fargate-ip-10-0-1-7.eu-west-1.compute.internal",
                "aws:///eu-west-1a/i-0a1b2c3d4e5f60001/more",
                "gce://project/zone/i-0a1b2c3d4e5f60001",
                "kind://docker/kind/i-0a1b2c3d4e5f60001"
            })
    void tellsNoInstanceAnywhereElse(String providerId) {
        assertThat(new ProviderId(providerId).instance()).isEmpty();
    }
}
