package dev.glidepath.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.Interruption.Route;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.LifecycleToken;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ReplicaLeaseTest {
    private static final Instant NOON = Instant.parse("2026-08-24T12:00:00Z");
    private static final InstanceId FIRST = new InstanceId("i-0a1b2c3d4e5f60001");
    private static final InstanceId SECOND = new InstanceId("i-0a1b2c3d4e5f60002");

    private static final ReplicaLease LEASE = new ReplicaLease(
            "pod-0",
            "42",
            "pod-0/5eed@ns:first",
            "2026-08-24T12:00:00.000000Z",
            "first",
            new Capabilities(1, "team=web"),
            new PendingHooks(Map.of("pod-9/cafe", Set.of(SECOND), "pod-0/5eed", Set.of(FIRST))),
            Map.of(
                    new LifecycleToken("b"), notice("b", FIRST, Route.EVENT_BRIDGE),
                    new LifecycleToken("a"), notice("a", SECOND, Route.EVENT_BRIDGE),
                    new LifecycleToken("c"), notice("c", SECOND, Route.DIRECT)));

    /** Written by one version and read by the next. */
    @Test
    void keepsTheFormItHasInTheCluster() {
        assertThat(LEASE.text("ns"))
                .isEqualTo(("{'apiVersion':'coordination.k8s.io/v1','kind':'Lease','metadata':{'name':'pod-0',"
                                + "'namespace':'ns','resourceVersion':'42',"
                                + "'labels':{'glidepath.dev/replica':'true','glidepath.dev/release':'first'},"
                                + "'annotations':{'glidepath.dev/pending-hooks':"
                                + "'{\\'pod-0/5eed\\':[\\'i-0a1b2c3d4e5f60001\\'],"
                                + "\\'pod-9/cafe\\':[\\'i-0a1b2c3d4e5f60002\\']}',"
                                + "'glidepath.dev/lifecycle-tokens':'{\\'event-bridge\\':{\\'workers\\':{\\'drain\\':"
                                + "{\\'a\\':\\'i-0a1b2c3d4e5f60002\\',\\'b\\':\\'i-0a1b2c3d4e5f60001\\'}}},"
                                + "\\'direct\\':{\\'workers\\':{\\'drain\\':{\\'c\\':\\'i-0a1b2c3d4e5f60002\\'}}}}',"
                                + "'glidepath.dev/journal-version':'1','glidepath.dev/node-selector':'team=web'}},"
                                + "'spec':{'holderIdentity':'pod-0/5eed@ns:first','leaseDurationSeconds':15,"
                                + "'renewTime':'2026-08-24T12:00:00.000000Z'}}")
                        .replace('\'', '"'));
    }

    @Test
    void newOneNamesNoVersion() {
        assertThat(SampleLease.of("pod-0", "", "pod-0/5eed", NOON, PendingHooks.NONE)
                        .text("ns"))
                .doesNotContain("resourceVersion");
    }

    @Test
    void readsWhatItWrote() throws JsonProcessingException {
        assertThat(ReplicaLease.parse(LEASE.text("ns"))).isEqualTo(LEASE);
    }

    /** An object's annotations may have 256 KiB, and the list of instances is one of them. */
    @Test
    void hasNoMoreTokensThanFitAndNoneThatIsTooLongForOne() {
        Map<LifecycleToken, ActionNotice> many = new HashMap<>();
        for (int number = 0; number < 5_000; number++) {
            String token = new UUID(7, number).toString();
            many.put(
                    new LifecycleToken(token),
                    notice(token, FIRST, number % 2 == 0 ? Route.DIRECT : Route.EVENT_BRIDGE));
        }
        String tooLong = "0".repeat(1_600);
        many.put(new LifecycleToken(tooLong), notice(tooLong, SECOND, Route.DIRECT));

        Map<LifecycleToken, ActionNotice> fitting = ReplicaLease.fitting(many);

        assertThat(fitting).hasSizeGreaterThan(1_500).doesNotContainKey(new LifecycleToken(tooLong));
        assertThat(lengthOf(fitting)).isLessThan(121_000);
        assertThat(ReplicaLease.fitting(LEASE.tokens())).isEqualTo(LEASE.tokens());
    }

    @Test
    void isNotReadOutWithItsTokens() {
        assertThat(LEASE.toString()).contains("(token)").doesNotContain("value=a");
    }

    @Test
    void readsALeaseThatIsNotOfOurMaking() throws JsonProcessingException {
        assertThat(ReplicaLease.parse("{\"metadata\": {\"name\": \"pod-0\", \"resourceVersion\": \"7\"}}"))
                .isEqualTo(new ReplicaLease(
                        "pod-0", "7", "", "", "", new Capabilities(0, ""), PendingHooks.NONE, Map.of()));
        assertThatExceptionOfType(JsonProcessingException.class).isThrownBy(() -> ReplicaLease.parse("{"));
    }

    /** It had every instance that was heard of, ours or not. */
    @Test
    void listOfAnOlderBuildCountsForNothing() throws JsonProcessingException {
        String old = """
                {"metadata": {"name": "pod-0", "resourceVersion": "7",
                  "annotations": {"glidepath.dev/hooks-owed": "[\\"i-0a1b2c3d4e5f60001\\"]"}},
                 "spec": {"holderIdentity": "pod-0/5eed"}}
                """;

        assertThat(ReplicaLease.parse(old))
                .isEqualTo(new ReplicaLease(
                        "pod-0", "7", "pod-0/5eed", "", "", new Capabilities(0, ""), PendingHooks.NONE, Map.of()));
    }

    /** An older build takes what stands before the last slash for the name of its Lease. */
    @Test
    void holderIsThePodAndTheProcessThenWhoseItIs() {
        ReplicaId id = new ReplicaId("kube-system", "my.release", "pod-0", "5eed");

        assertThat(id.holder()).isEqualTo("pod-0/5eed@kube-system:my.release");
        assertThat(ReplicaId.podOf(id.holder())).isEqualTo("pod-0");
    }

    @Test
    void eachProcessOfAPodIsAnother() {
        Random random = new Random(7);

        assertThat(ReplicaId.startedIn("ns", "first", "pod-0", random))
                .isNotEqualTo(ReplicaId.startedIn("ns", "first", "pod-0", random));
    }

    @Test
    void hasNoTokenOfAHookWhoseNameMightBreakItsText() {
        LifecycleToken token = new LifecycleToken("token");
        LifecycleAction odd = LifecycleAction.of("work\"ers", "drain", token, FIRST);
        LifecycleAction longName = LifecycleAction.of("w".repeat(256), "drain", token, FIRST);

        assertThat(ReplicaLease.fitting(Map.of(token, new ActionNotice(odd, Route.DIRECT))))
                .isEmpty();
        assertThat(ReplicaLease.fitting(Map.of(token, new ActionNotice(longName, Route.DIRECT))))
                .isEmpty();
    }

    /** It had instances by token alone: not enough to know whose a hook is. The message comes again. */
    @Test
    void tokensOfAnOlderBuildCountForNothing() {
        assertThat(ReplicaLease.tokens("{\"token\":\"i-0a1b2c3d4e5f60001\"}")).isEmpty();
        assertThat(ReplicaLease.tokens("{\"direct\":{\"workers\":{\"drain\":{\"token\":7}}}}"))
                .isEmpty();
        assertThat(ReplicaLease.tokens("{\"direct\":[\"workers\"]}")).isEmpty();
        assertThat(ReplicaLease.tokens("")).isEmpty();
    }

    private static ActionNotice notice(String token, InstanceId instance, Route route) {
        return new ActionNotice(LifecycleAction.of("workers", "drain", new LifecycleToken(token), instance), route);
    }

    private static int lengthOf(Map<LifecycleToken, ActionNotice> tokens) {
        return new ReplicaLease("", "", "", "", "", new Capabilities(0, ""), PendingHooks.NONE, tokens)
                .text("")
                .replace("\\\"", "'")
                .length();
    }
}
