package dev.glidepath.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.lifecycle.HookOwnership.Told;
import dev.glidepath.lifecycle.HookOwnership.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HookOwnershipTest {
    private static final String QUEUE = "arn:aws:sqs:eu-west-1:123456789012:glidepath";
    private static final String TOPIC = "arn:aws:sns:eu-west-1:123456789012:hooks";
    private static final Optional<List<GroupHook>> ALONE = notifying("");
    private static final Optional<List<GroupHook>> NOT_KNOWN_YET = Optional.empty();
    private static final String DRAIN_HOOK = "drain-hook";

    private final HookOwnership ownership = new HookOwnership(Set.of(), List.of(), Optional.of(QUEUE));

    @Test
    void hookThatNotifiesNobodyIsOurs() {
        assertThat(ownership.of(DRAIN_HOOK, Told.BY_NONE, ALONE)).isEqualTo(Verdict.OURS);
    }

    @Test
    void hookThatNotifiesOurQueueIsOurs() {
        assertThat(ownership.of(DRAIN_HOOK, Told.BY_NONE, notifying(QUEUE))).isEqualTo(Verdict.OURS);
    }

    /** By a topic that feeds our queue, whose ARN nobody told us. */
    @Test
    void hookThatToldUsItselfIsOursWhateverItNotifies() {
        assertThat(ownership.of(DRAIN_HOOK, by(DRAIN_HOOK), notifying(TOPIC))).isEqualTo(Verdict.OURS);
        assertThat(ownership.of(DRAIN_HOOK, by(DRAIN_HOOK), NOT_KNOWN_YET)).isEqualTo(Verdict.OURS);
    }

    @Test
    void hookThatNotifiesAnotherQueueIsNotOurs() {
        assertThat(ownership.of(DRAIN_HOOK, Told.BY_NONE, notifying(QUEUE + "-2")))
                .isEqualTo(Verdict.NOT_OURS);
    }

    @Test
    void hookThatNotifiesATopicIsNotOursWhenOnlyEventBridgeTellsOfIt() {
        assertThat(ownership.of(DRAIN_HOOK, Told.BY_NONE, notifying(TOPIC))).isEqualTo(Verdict.NOT_OURS);
    }

    @Test
    void ownershipIsUnknownWhileATopicMayStillNotifyUs() {
        Told soFar = new Told(Set.of(), true);
        var group = Optional.of(List.of(terminating("upload-logs"), new GroupHook(DRAIN_HOOK, true, TOPIC, "")));

        assertThat(ownership.of(DRAIN_HOOK, soFar, group)).isEqualTo(Verdict.UNKNOWN);
        assertThat(ownership.of("upload-logs", soFar, group)).isEqualTo(Verdict.UNKNOWN);
        assertThat(ownership.of("upload-logs", Told.BY_NONE, group)).isEqualTo(Verdict.OURS);
    }

    @Test
    void onlySilentHookIsNotOursBesideOneThatNotifiedUs() {
        var group = Optional.of(List.of(terminating("upload-logs"), new GroupHook(DRAIN_HOOK, true, TOPIC, "")));

        assertThat(ownership.of("upload-logs", by(DRAIN_HOOK), group)).isEqualTo(Verdict.NOT_OURS);
    }

    /** Which queue is ours is known: it feeds none of these. */
    @Test
    void onlySilentHookIsOursBesideOneOfAnotherQueue() {
        var group = Optional.of(List.of(terminating(DRAIN_HOOK), new GroupHook("backup", true, QUEUE + "-2", "")));

        assertThat(ownership.of(DRAIN_HOOK, new Told(Set.of(), true), group)).isEqualTo(Verdict.OURS);
    }

    @Test
    void hookThatIsNotInTheListIsNotOursWhateverElseSpeaksForIt() {
        var listed = new HookOwnership(Set.of("other-hook"), List.of("*"), Optional.of(QUEUE));

        assertThat(listed.of(DRAIN_HOOK, by(DRAIN_HOOK), notifying(QUEUE))).isEqualTo(Verdict.NOT_OURS);
        assertThat(listed.of(DRAIN_HOOK, Told.BY_NONE, ALONE)).isEqualTo(Verdict.NOT_OURS);
    }

    @Test
    void hookOfTheListIsOursWhateverItNotifies() {
        var listed = new HookOwnership(Set.of("drain-hook"), List.of(), Optional.of(QUEUE));

        assertThat(listed.of(DRAIN_HOOK, Told.BY_NONE, notifying("arn:aws:sns:eu-west-1:123456789012:theirs")))
                .isEqualTo(Verdict.OURS);
        assertThat(listed.of(DRAIN_HOOK, Told.BY_NONE, NOT_KNOWN_YET)).isEqualTo(Verdict.OURS);
    }

    @Test
    void hookOfEksIsNeverOurs() {
        String theirs = "Terminate-LC-Hook";
        var listed = new HookOwnership(Set.of("Terminate-LC-Hook"), List.of("*"), Optional.of(QUEUE));

        assertThat(listed.of(theirs, by(theirs), notifying(QUEUE))).isEqualTo(Verdict.NOT_OURS);
        assertThat(ownership.of(theirs, Told.BY_NONE, ALONE)).isEqualTo(Verdict.NOT_OURS);
    }

    @Test
    void nobodyKnowsWhoseAHookIsBeforeWhatItNotifiesIsKnown() {
        assertThat(ownership.of(DRAIN_HOOK, Told.BY_NONE, NOT_KNOWN_YET)).isEqualTo(Verdict.UNKNOWN);
    }

    @Test
    void nobodyKnowsWhoseQueueAHookNotifiesBeforeOursIsKnown() {
        var early = new HookOwnership(Set.of(), List.of(), Optional.empty());

        assertThat(early.of(DRAIN_HOOK, Told.BY_NONE, notifying(QUEUE))).isEqualTo(Verdict.UNKNOWN);
        assertThat(early.of(DRAIN_HOOK, Told.BY_NONE, ALONE)).isEqualTo(Verdict.OURS);
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

    @Test
    void ofTwoHooksThatNotifyNobodyNoneIsKnownToBeOurs() {
        var group = Optional.of(List.of(terminating("drain-hook"), terminating("upload-logs")));

        assertThat(ownership.of("drain-hook", Told.BY_NONE, group)).isEqualTo(Verdict.UNDECIDED);
        assertThat(ownership.of("upload-logs", Told.BY_NONE, group)).isEqualTo(Verdict.UNDECIDED);
    }

    @Test
    void hooksOfOthersOfEksAndForLaunchingLeaveItTheOnlyOne() {
        var group = Optional.of(List.of(
                terminating("drain-hook"),
                terminating("Terminate-LC-Hook"),
                new GroupHook("backup", true, "arn:aws:sns:eu-west-1:123456789012:theirs", ""),
                new GroupHook("join", false, "", "")));

        assertThat(ownership.of("drain-hook", Told.BY_NONE, group)).isEqualTo(Verdict.OURS);
    }

    @Test
    void aLaunchingHookIsNeverOursForBeingTheOnlyOne() {
        var group = Optional.of(List.of(new GroupHook("kops-warmpool", false, "", "")));

        assertThat(ownership.of("kops-warmpool", Told.BY_NONE, group)).isEqualTo(Verdict.UNDECIDED);
    }

    @ParameterizedTest
    @CsvSource({"glidepath-terminate, ''", "Glidepath, ''", "drain-hook, glidepath", "drain-hook, Glidepath of shop"})
    void aHookThatIsNamedOrMarkedIsOursAndTheOthersAreNot(String name, String metadata) {
        for (boolean terminating : new boolean[] {true, false}) {
            var group = Optional.of(List.of(
                    new GroupHook(name, terminating, "", metadata), new GroupHook("other", terminating, "", "")));

            assertThat(ownership.of(name, Told.BY_NONE, group)).isEqualTo(Verdict.OURS);
            assertThat(ownership.of("other", Told.BY_NONE, group)).isEqualTo(Verdict.NOT_OURS);
        }
    }

    @Test
    void silentHookIsNotOursBesideOneThatNotifiesOurQueue() {
        var group = Optional.of(List.of(terminating("upload-logs"), new GroupHook("drain-hook", true, QUEUE, "")));

        assertThat(ownership.of("upload-logs", Told.BY_NONE, group)).isEqualTo(Verdict.NOT_OURS);
    }

    @Test
    void aHookThatIsNamedOrToldUsItselfIsOursThoughNobodyDescribesIt() {
        assertThat(ownership.of("glidepath-terminate", Told.BY_NONE, NOT_KNOWN_YET))
                .isEqualTo(Verdict.OURS);
        assertThat(ownership.of("drain-hook", by("drain-hook"), NOT_KNOWN_YET)).isEqualTo(Verdict.OURS);
    }

    @Test
    void whatIsListedIsOursAndNothingElseWhateverItIsNamed() {
        var listed = new HookOwnership(Set.of("drain-hook"), List.of(), Optional.of(QUEUE));

        assertThat(listed.of("glidepath-terminate", by("glidepath-terminate"), NOT_KNOWN_YET))
                .isEqualTo(Verdict.NOT_OURS);
    }

    @Test
    void nobodyKnowsWhoseAHookIsThatItsGroupDoesNotHave() {
        assertThat(ownership.of("drain-hook", Told.BY_NONE, Optional.of(List.of(terminating("other")))))
                .isEqualTo(Verdict.UNKNOWN);
    }

    /** The other may be the one that notifies ours, and so not this one. */
    @Test
    void onlySilentHookIsNotOursBesideAQueueWhileOurQueueIsUnknown() {
        var early = new HookOwnership(Set.of(), List.of(), Optional.empty());
        var group = Optional.of(List.of(terminating("upload-logs"), new GroupHook("drain-hook", true, QUEUE, "")));

        assertThat(early.of("upload-logs", Told.BY_NONE, group)).isEqualTo(Verdict.UNKNOWN);
    }

    /** No topic has our queue's ARN, whatever that is. */
    @Test
    void onlySilentHookIsOursBesideATopicWhileOurQueueIsUnknown() {
        var early = new HookOwnership(Set.of(), List.of(), Optional.empty());
        var group = Optional.of(List.of(
                terminating("drain-hook"),
                new GroupHook("backup", true, "arn:aws:sns:eu-west-1:123456789012:theirs", ""),
                new GroupHook("Terminate-LC-Hook", true, QUEUE, ""),
                new GroupHook("join", false, QUEUE, "")));

        assertThat(early.of("drain-hook", Told.BY_NONE, group)).isEqualTo(Verdict.OURS);
    }

    private static Told by(String hook) {
        return new Told(Set.of(hook), false);
    }

    private static GroupHook terminating(String name) {
        return new GroupHook(name, true, "", "");
    }

    /** A group of one hook. */
    private static Optional<List<GroupHook>> notifying(String target) {
        return Optional.of(List.of(
                new GroupHook("drain-hook", true, target, ""), new GroupHook("Terminate-LC-Hook", true, target, "")));
    }
}
