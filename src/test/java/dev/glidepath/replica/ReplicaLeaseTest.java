package dev.glidepath.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.glidepath.event.InstanceId;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicaLeaseTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final InstanceId FIRST = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final InstanceId SECOND = new InstanceId("i-0a1b2c3d4e5f60002");

    /** Written by one version and read by the next. */
    @Test
    void keepsTheFormItHasInTheCluster() {
        assertThat(ReplicaLease.text("ns", "pod-0", "42", "pod-0/5eed", NOON, List.of(FIRST, SECOND)))
                .isEqualTo(("{'apiVersion':'coordination.k8s.io/v1','kind':'Lease','metadata':{'name':'pod-0',"
                                + "'namespace':'ns','resourceVersion':'42','labels':{'glidepath.dev/replica':'true'},"
                                + "'annotations':{'glidepath.dev/hooks-owed':"
                                + "'[\\\"i-0a1b2c3d4e5f60001\\\",\\\"i-0a1b2c3d4e5f60002\\\"]'}},"
                                + "'spec':{'holderIdentity':'pod-0/5eed','leaseDurationSeconds':15,"
                                + "'renewTime':'2026-08-24T12:00:00.000000Z'}}")
                        .replace('\'', '"'));
    }

    @Test
    void newOneNamesNoVersion() {
        assertThat(ReplicaLease.text("ns", "pod-0", "", "pod-0/5eed", NOON, List.of()))
                .doesNotContain("resourceVersion");
    }

    @Test
    void readsWhatItWrote() throws JsonProcessingException {
        assertThat(ReplicaLease.parse(ReplicaLease.text("ns", "pod-0", "42", "pod-0/5eed", NOON, List.of(FIRST))))
                .isEqualTo(new ReplicaLease("pod-0", "42", "pod-0/5eed", "2026-08-24T12:00:00.000000Z", Set.of(FIRST)));
    }

    @Test
    void readsALeaseThatIsNotOfOurMaking() throws JsonProcessingException {
        assertThat(ReplicaLease.parse("{\"metadata\": {\"name\": \"pod-0\", \"resourceVersion\": \"7\"}}"))
                .isEqualTo(new ReplicaLease("pod-0", "7", "", "", Set.of()));
        assertThatExceptionOfType(JsonProcessingException.class).isThrownBy(() -> ReplicaLease.parse("{"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[", "7", "null", "{}", "[7, null, {}, [], \"web-0\"]"})
    void listThatSomebodyBrokeIsEmpty(String list) {
        assertThat(ReplicaLease.instances(list)).isEmpty();
    }

    @Test
    void whatIsAnInstanceInABrokenListCounts() {
        assertThat(ReplicaLease.instances("[\"web-0\", \"i-0a1b2c3d4e5f60001\"]"))
                .containsExactly(FIRST);
    }

    @Test
    void holderIsThePodAndTheProcess() {
        ReplicaId id = new ReplicaId("pod-0", "5eed");

        assertThat(id.holder()).isEqualTo("pod-0/5eed");
        assertThat(ReplicaId.podOf(id.holder())).isEqualTo("pod-0");
    }

    @Test
    void eachProcessOfAPodIsAnother() {
        Random random = new Random(7);

        assertThat(ReplicaId.startedIn("pod-0", random)).isNotEqualTo(ReplicaId.startedIn("pod-0", random));
    }
}
