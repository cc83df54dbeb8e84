package dev.glidepath.departure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.CompleteHook;
import dev.glidepath.departure.action.Action.DeleteMessages;
import dev.glidepath.departure.action.Action.DescribeHook;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.Heartbeat;
import dev.glidepath.departure.action.Action.ListPods;
import dev.glidepath.departure.action.Action.Terms;
import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Blocked;
import dev.glidepath.departure.action.Outcome.Bound;
import dev.glidepath.departure.action.Outcome.Described;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.NotFound;
import dev.glidepath.departure.action.Outcome.NotNeeded;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.departure.action.Outcome.Overloaded;
import dev.glidepath.departure.action.Outcome.Refused;
import dev.glidepath.departure.action.Outcome.Renewed;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.departure.story.Permission;
import dev.glidepath.drain.plan.Grace;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.HookResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DenialsTest {
    private static final Instant START = Instant.parse("2026-08-24T11:00:00Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private final Denials denials = new Denials(now::get);

    @Test
    void thousandsOfPodsThatMayNotBeEvictedAreReportedOnce() {
        assertThat(isReported(evict("shop", 0))).isTrue();
        for (int pod = 1; pod < 9_000; pod++) {
            assertThat(isReported(evict("shop", pod))).isFalse();
        }
        assertThat(isReported(new ListPods(1))).as("another permission").isTrue();

        assertThat(isGrantedBy(evict("shop", 7))).isTrue();
        assertThat(isGrantedBy(evict("shop", 8))).isFalse();
        assertThat(isReported(evict("shop", 9))).as("taken away again").isTrue();
    }

    @Test
    void aPermissionMayBeGrantedInOneNamespaceAlone() {
        assertThat(isReported(evict("shop", 0))).isTrue();
        assertThat(isReported(evict("bank", 0))).isFalse();
        assertThat(isGrantedBy(evict("zoo", 0))).isFalse();
        assertThat(isGrantedBy(evict("shop", 0))).isFalse();
        assertThat(isGrantedBy(evict("bank", 0))).isTrue();
    }

    @Test
    void whatLastsIsReportedAgainAfterAnHour() {
        assertThat(isReported(evict("shop", 0))).isTrue();
        now.set(START.plus(Duration.ofMinutes(59)));
        assertThat(isReported(evict("shop", 0))).isFalse();
        now.set(START.plus(Duration.ofMinutes(60)));
        assertThat(isReported(evict("shop", 0))).isTrue();
    }

    /** AWS names the permission: its own request reports it. */
    @Test
    void leavesAloneWhatAwsDenies() {
        LifecycleAction action =
                new LifecycleAction("workers", "drain", "token", new InstanceId("i-0123456789abcdef0"));
        assertThat(isReported(new DescribeHook(action))).isFalse();
        assertThat(isReported(new Heartbeat(action))).isFalse();
        assertThat(isReported(new CompleteHook(action, HookResult.CONTINUE))).isFalse();
        assertThat(isReported(new DeleteMessages(Set.of(), Ending.DRAINED))).isFalse();
    }

    @ParameterizedTest
    @MethodSource("answersThatSayNothing")
    void learnsNothingFromAnActionWithoutAnAnswer(Outcome outcome) {
        assertThat(isReported(evict("shop", 0))).isTrue();
        assertThat(denials.remember(evict("shop", 1), outcome)).isEqualTo(Permission.UNCHANGED);
        assertThat(isGrantedBy(evict("shop", 2))).isTrue();
    }

    static List<Outcome> answersThatSayNothing() {
        return List.of(new Overloaded("busy", Duration.ZERO), new Retry("broken"), new NotSent("stopped"));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void isGrantedByAnyAnswerButADenial(Outcome outcome) {
        assertThat(isReported(evict("shop", 0))).isTrue();
        assertThat(denials.remember(evict("shop", 1), outcome)).isEqualTo(Permission.GRANTED);
    }

    static List<Outcome> answers() {
        return List.of(
                new Succeeded(),
                new NotNeeded("gone"),
                new NotFound("none"),
                new Described(Duration.ZERO, Duration.ZERO, List.of()),
                new Bound("volume"),
                new Renewed(START),
                new Blocked("web", "no room"),
                new Refused("a policy"));
    }

    private boolean isReported(Action action) {
        return denials.remember(action, new Forbidden("may not")) == Permission.MISSING;
    }

    private boolean isGrantedBy(Action action) {
        return denials.remember(action, new Succeeded()) == Permission.GRANTED;
    }

    private static Action evict(String namespace, int pod) {
        return new Evict(
                new PodRef(namespace, "web-" + pod, "uid-" + pod),
                new Terms(START, Instant.MAX, new Grace(Duration.ofSeconds(30), Optional.empty()), Set.of()));
    }
}
