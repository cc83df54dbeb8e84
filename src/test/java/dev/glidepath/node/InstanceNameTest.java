package dev.glidepath.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.event.InstanceId;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceNameTest {
    private static final InstanceId INSTANCE = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final String OTHER = "i-0a1b2c3d4e5f60002";

    @Test
    void theProviderIdComesFirst() throws IOException {
        assertThat(InstanceName.of(new JsonMapper().readTree("""
            {"metadata": {"name": "%s", "labels": {"alpha.eksctl.io/instance-id": "%s"}},
             "spec": {"providerID": "aws:///eu-west-1a/%s"}}\
            """.formatted(OTHER, OTHER, INSTANCE))))
                .contains(new InstanceName(INSTANCE, true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'metadata': {'name': 'a'}, 'spec': {'providerID': 'i-0a1b2c3d4e5f60001'}}",
                "{'metadata': {'name': 'i-0a1b2c3d4e5f60001'}, 'spec': {'providerID': 'k3s://i-0a1b2c3d4e5f60001'}}",
                "{'metadata': {'name': 'a', 'labels': {'alpha.eksctl.io/instance-id': 'i-0a1b2c3d4e5f60001'}}}",
                "{'metadata': {'name': 'a', 'annotations': {'alpha.eksctl.io/instance-id': 'i-0a1b2c3d4e5f60001'}}}",
                "{'metadata': {'name': 'a', 'annotations': {'csi.volume.kubernetes.io/nodeid':"
                        + " '{\\'efs.csi.aws.com\\':\\'i-0a1b2c3d4e5f60002\\',\\'ebs.csi.aws.com\\':\\'i-0a1b2c3d4e5f60001\\'}'}}}",
            })
    void elseWhateverNamesIt(String node) throws IOException {
        assertThat(InstanceName.of(new JsonMapper().readTree(node.replace('\'', '"'))))
                .contains(new InstanceName(INSTANCE, false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'metadata': {'name': 'ip-10-0-1-7'}, 'spec': {'providerID': 'k3s://ip-10-0-1-7'}}",
                "{'metadata': {'name': 'a', 'annotations': {'csi.volume.kubernetes.io/nodeid':"
                        + " '{\\'ebs.csi.aws.com\\':'}}}",
                "{'metadata': {'name': 'a', 'annotations': {'csi.volume.kubernetes.io/nodeid': 'ebs.csi.aws.com'}}}",
                "{'metadata': {'name': 'a', 'annotations': {'csi.volume.kubernetes.io/nodeid':"
                        + " '{\\'efs.csi.aws.com\\':\\'i-0a1b2c3d4e5f60001\\'}'}}}",
            })
    void orNothing(String node) throws IOException {
        assertThat(InstanceName.of(new JsonMapper().readTree(node.replace('\'', '"'))))
                .isEmpty();
    }
}
