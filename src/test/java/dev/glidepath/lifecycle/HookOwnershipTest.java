package dev.glidepath.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.HookOwnership.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HookOwnershipTest {
    private static final String QUEUE = "arn:aws:sqs:eu-west-1:123456789012:glidepath";
    private static final Optional<String> NO_TARGET = Optional.of("");
    private static final Optional<String> NOT_KNOWN_YET = Optional.empty();
    private static final LifecycleAction DRAIN_HOOK = hook("drain-hook");

    private final HookOwnership ownership = new HookOwnership(Set.of(), List.of(), Optional.of(QUEUE));

    @Test
    void hookThatNotifiesNobodyIsOurs() {
        assertThat(ownership.of(DRAIN_HOOK, false, NO_TARGET)).isEqualTo(Verdict.OURS);
    }

    @Test
    void hookThatNotifiesOurQueueIsOurs() {
        assertThat(ownership.of(DRAIN_HOOK, false, Optional.of(QUEUE))).isEqualTo(Verdict.OURS);
    }

    /** By a topic that feeds our queue, whose ARN nobody told us. */
    @Test
    void hookThatToldUsItselfIsOursWhateverItNotifies() {
        assertThat(ownership.of(DRAIN_HOOK, true, Optional.of("arn:aws:sns:eu-west-1:123456789012:hooks")))
                .isEqualTo(Verdict.OURS);
        assertThat(ownership.of(DRAIN_HOOK, true, NOT_KNOWN_YET)).isEqualTo(Verdict.OURS);
    }

    @Test
    void hookThatNotifiesAnotherQueueIsNotOurs() {
        assertThat(ownership.of(DRAIN_HOOK, false, Optional.of(QUEUE + "-2"))).isEqualTo(Verdict.NOT_OURS);
    }

    @Test
    void hookThatNotifiesATopicIsNotOursWhenOnlyEventBridgeTellsOfIt() {
        assertThat(ownership.of(DRAIN_HOOK, false, Optional.of("arn:aws:sns:eu-west-1:123456789012:hooks")))
                .isEqualTo(Verdict.NOT_OURS);
    }

    @Test
    void hookThatIsNotInTheListIsNotOursWhateverElseSpeaksForIt() {
        var listed = new HookOwnership(Set.of("other-hook"), List.of("*"), Optional.of(QUEUE));

        assertThat(listed.of(DRAIN_HOOK, true, Optional.of(QUEUE))).isEqualTo(Verdict.NOT_OURS);
        assertThat(listed.of(DRAIN_HOOK, false, NO_TARGET)).isEqualTo(Verdict.NOT_OURS);
    }

    @Test
    void hookOfTheListIsOursWhateverItNotifies() {
        var listed = new HookOwnership(Set.of("drain-hook"), List.of(), Optional.of(QUEUE));

        assertThat(listed.of(DRAIN_HOOK, false, Optional.of("arn:aws:sns:eu-west-1:123456789012:theirs")))
                .isEqualTo(Verdict.OURS);
        assertThat(listed.of(DRAIN_HOOK, false, NOT_KNOWN_YET)).isEqualTo(Verdict.OURS);
    }

    @Test
    void hookOfEksIsNeverOurs() {
        LifecycleAction theirs = hook("Terminate-LC-Hook");
        var listed = new HookOwnership(Set.of("Terminate-LC-Hook"), List.of("*"), Optional.of(QUEUE));

        assertThat(listed.of(theirs, true, Optional.of(QUEUE))).isEqualTo(Verdict.NOT_OURS);
        assertThat(ownership.of(theirs, false, NO_TARGET)).isEqualTo(Verdict.NOT_OURS);
    }

    @Test
    void nobodyKnowsWhoseAHookIsBeforeWhatItNotifiesIsKnown() {
        assertThat(ownership.of(DRAIN_HOOK, false, NOT_KNOWN_YET)).isEqualTo(Verdict.UNKNOWN);
    }

    @Test
    void nobodyKnowsWhoseQueueAHookNotifiesBeforeOursIsKnown() {
        var early = new HookOwnership(Set.of(), List.of(), Optional.empty());

        assertThat(early.of(DRAIN_HOOK, false, Optional.of(QUEUE))).isEqualTo(Verdict.UNKNOWN);
        assertThat(early.of(DRAIN_HOOK, false, NO_TARGET)).isEqualTo(Verdict.OURS);
    }

    @ParameterizedTest
    @CsvSource({
        "workers-*, workers-a, true",
        "workers-*, workers-, true",
        "workers-*, my-workers-a, false",
        "workers-?, workers-a, true",
        "workers-?, workers-, false",
        "workers-?, workers-ab, false",
        "workers-a, workers-a, true",
        "workers-a, Workers-a, false",
        "workers.a, workers-a, false",
        "*, workers-a, true",
        "*-a*b, x-aab-ab, true",
        "*-a*b, x-aab-abc, false",
        "a**, a, true",
        "a, ab, false",
        "ab, a, false"
    })
    void globsNameGroups(String glob, String group, boolean ours) {
        var ownership = new HookOwnership(Set.of(), List.of("nothing-like-it", glob), Optional.of(QUEUE));

        assertThat(ownership.isOfOurGroups(group)).isEqualTo(ours);
    }

    @Test
    void noGlobNamesNoGroup() {
        assertThat(ownership.isOfOurGroups("workers-a")).isFalse();
    }

    private static LifecycleAction hook(String name) {
        return new LifecycleAction("workers-a", name, "token", new InstanceId("i-0a1b2c3d4e5f60010"));
    }
}
