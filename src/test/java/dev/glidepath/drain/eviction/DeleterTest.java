package dev.glidepath.drain.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.glidepath.apiserver.ApiServer.Answer;
import dev.glidepath.drain.eviction.DeletionOutcome.Deleted;
import dev.glidepath.drain.eviction.DeletionOutcome.Failed;
import dev.glidepath.drain.eviction.DeletionOutcome.Forbidden;
import dev.glidepath.drain.eviction.DeletionOutcome.Gone;
import dev.glidepath.drain.eviction.DeletionOutcome.Overloaded;
import dev.glidepath.drain.eviction.DeletionOutcome.RefusedByPolicy;
import dev.glidepath.drain.eviction.DeletionOutcome.TimedOut;
import dev.glidepath.drain.eviction.MarkOutcome.Marked;
import dev.glidepath.drain.eviction.MarkOutcome.NotMarked;
import dev.glidepath.drain.pod.PodRef;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What an answer to a deletion or a mark means, in the API server's own words. */
class DeleterTest {
    private static final PodRef POD = new PodRef("shop", "web-0", "a");
    private static final String OTHER_POD =
            "Operation cannot be fulfilled on Pod 'web-0': the UID in the precondition (a) does"
                    + " not match the UID in record (b). The object might have been deleted and then recreated";
    private static final String NOT_ALLOWED =
            "pods 'web-0' is forbidden: User 'system:serviceaccount:a:b' cannot %s resource '%s' in API group '' in the"
                    + " namespace 'shop'";
    private static final String WEBHOOK = "admission webhook 'guard.example' denied the request: not today";

    static Stream<Arguments> deletions() {
        return Stream.of(
                arguments(200, "", new Deleted()),
                arguments(404, "pods 'web-0' not found", new Gone()),
                arguments(409, OTHER_POD, new Gone()),
                arguments(409, "the object has been modified", new Failed("the pod changed while it was deleted")),
                arguments(
                        403,
                        NOT_ALLOWED.formatted("delete", "pods"),
                        new Forbidden("may not delete: the ClusterRole needs pods: delete")),
                arguments(401, "Unauthorized", new Forbidden("the API server does not accept our credentials")),
                arguments(403, WEBHOOK, new RefusedByPolicy(403, quoted(WEBHOOK))),
                arguments(429, WEBHOOK, new RefusedByPolicy(429, quoted(WEBHOOK))),
                arguments(403, "not here", new RefusedByPolicy(403, "not here")),
                arguments(429, "Too many requests", new Overloaded("the API server is busy", Duration.ZERO)),
                arguments(504, "Timeout: too slow", new TimedOut("the API server answered 504: Timeout: too slow")),
                arguments(500, "no disk", new Failed("the API server answered 500: no disk")));
    }

    @ParameterizedTest
    @MethodSource("deletions")
    void readsTheAnswerToADeletion(int code, String message, DeletionOutcome outcome) {
        assertThat(Deleter.deletion(answer(code, message))).isEqualTo(outcome);
    }

    static Stream<Arguments> marks() {
        return Stream.of(
                arguments(200, "", new Marked()),
                arguments(404, "pods 'web-0' not found", new MarkOutcome.Gone()),
                arguments(
                        422,
                        "Pod 'web-0' is invalid: metadata.uid: Invalid value: 'a': field is immutable",
                        new MarkOutcome.Gone()),
                arguments(422, "status: wrong", new NotMarked("the API server answered 422: status: wrong")),
                arguments(
                        403,
                        NOT_ALLOWED.formatted("patch", "pods/status"),
                        new NotMarked("may not mark: the ClusterRole needs pods/status: patch")),
                arguments(403, "not here", new NotMarked("the API server answered 403: not here")),
                arguments(429, "busy", new NotMarked("the API server answered 429: busy")));
    }

    @ParameterizedTest
    @MethodSource("marks")
    void readsTheAnswerToAMark(int code, String message, MarkOutcome outcome) {
        assertThat(Deleter.mark(answer(code, message))).isEqualTo(outcome);
    }

    @ParameterizedTest
    @CsvSource({"PT0S,0", "PT0.001S,1", "PT1S,1", "PT29.5S,30"})
    void graceIsInWholeSecondsAndNeverLess(Duration grace, int seconds) {
        assertThat(DeleteOptions.of(POD, Optional.of(grace), Optional.empty())
                        .path("gracePeriodSeconds")
                        .asInt())
                .isEqualTo(seconds);
    }

    @Test
    void withoutAGraceThePodsOwnHolds() {
        assertThat(DeleteOptions.of(POD, Optional.empty(), Optional.empty()))
                .hasToString("{\"preconditions\":{\"uid\":\"a\"}}");
    }

    private static Answer answer(int code, String message) {
        return new Answer(
                code,
                "{\"kind\":\"Status\",\"message\":\"%s\",\"code\":%d}".formatted(message.replace("'", "\\\""), code));
    }

    private static String quoted(String message) {
        return message.replace('\'', '"');
    }
}
