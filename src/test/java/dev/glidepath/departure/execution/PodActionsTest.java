package dev.glidepath.departure.execution;

import static dev.glidepath.departure.ClusterStandIn.deletionOf;
import static dev.glidepath.departure.ClusterStandIn.evictionOf;
import static dev.glidepath.departure.ShellSetup.WORKER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.glidepath.departure.ClusterStandIn.Answer;
import dev.glidepath.departure.ShellSetup;
import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.Action.Delete;
import dev.glidepath.departure.action.Action.Evict;
import dev.glidepath.departure.action.Action.LastCall;
import dev.glidepath.departure.action.Action.MarkDisrupted;
import dev.glidepath.departure.action.Action.Terms;
import dev.glidepath.departure.action.Outcome;
import dev.glidepath.departure.action.Outcome.Blocked;
import dev.glidepath.departure.action.Outcome.Forbidden;
import dev.glidepath.departure.action.Outcome.NotNeeded;
import dev.glidepath.departure.action.Outcome.NotSent;
import dev.glidepath.departure.action.Outcome.Overloaded;
import dev.glidepath.departure.action.Outcome.Refused;
import dev.glidepath.departure.action.Outcome.Retry;
import dev.glidepath.departure.action.Outcome.Succeeded;
import dev.glidepath.drain.plan.Grace;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.observe.Metric;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is done about pods, what comes of each answer, and that the place at the gate is free afterwards. */
class PodActionsTest {
    private static final PodRef WEB = new PodRef("shop", "web", "uid-of-web");
    private static final PodRef API = new PodRef("shop", "api", "uid-of-api");
    private static final String MARK = "PATCH /api/v1/namespaces/shop/pods/web/status";

    private final ShellSetup shell = ShellSetup.live(1).withNode("web", "api");
    private final NodeAccess access = shell.access().of(WORKER, () -> {});
    private final ActionExecutor executor = access.executor();
    private final Instant now = shell.clock.instant();

    @AfterEach
    void close() {
        access.view().close();
        shell.close();
    }

    static Stream<Arguments> answersToAnEviction() {
        return Stream.of(
                answer("evicted", new Answer(201, "{}"), new Succeeded()),
                answer("pod gone", Answer.failure(404, "not found"), new NotNeeded("the pod is gone")),
                answer(
                        "namesake",
                        Answer.failure(409, "the UID in the precondition (a) does not match (b)"),
                        new NotNeeded("the pod is gone")),
                answer("namespace ends", failure(403, "NamespaceTerminating", "it ends"), NotNeeded.class),
                answer(
                        "budget without room",
                        failure(429, "DisruptionBudget", "The disruption budget web needs 2 healthy pods"),
                        new Blocked("shop/web", "The disruption budget web needs 2 healthy pods")),
                answer(
                        "budget without a name",
                        failure(429, "DisruptionBudget", "please wait"),
                        new Blocked("", "please wait")),
                answer(
                        "several budgets",
                        Answer.failure(500, "This pod has more than one PodDisruptionBudget"),
                        Refused.class),
                answer(
                        "webhook refuses",
                        Answer.failure(400, "admission webhook \"x\" denied the request: no"),
                        Refused.class),
                answer(
                        "permission missing",
                        Answer.failure(403, "User \"x\" cannot create resource \"pods/eviction\" in API group \"\""),
                        Forbidden.class),
                answer("busy", Answer.failure(429, "too many requests"), Overloaded.class),
                answer("out of time", Answer.failure(504, "Timeout"), Retry.class),
                answer("server fails", Answer.failure(500, "etcd"), Retry.class));
    }

    @ParameterizedTest
    @MethodSource("answersToAnEviction")
    void anAnswerToAnEvictionBecomesAnOutcome(Answer answer, Object outcome) {
        shell.cluster.answer(evictionOf("web"), answer);

        assertIs(outcome, outcomeOf(new Evict(WEB, terms())));
        assertThat(shell.count(Metric.EVICTIONS)).isEqualTo(1);
        shell.pass(Duration.ofSeconds(5)); // an overloaded server is left alone for a while
        shell.until(() -> outcomeOf(new Evict(API, terms())).equals(new Succeeded()));
    }

    @Test
    void aLastCallThatIsNotAnsweredInTimeIsRefused() {
        shell.cluster.answer(evictionOf("web"), Answer.failure(504, "Timeout"));

        assertThat(outcomeOf(new LastCall(WEB, terms()))).isInstanceOf(Refused.class);
    }

    @Test
    void anOverloadedServerIsLeftAloneForAWhile() {
        shell.cluster.answer(evictionOf("web"), Answer.failure(429, "too many requests", "{\"retryAfterSeconds\": 3}"));

        assertThat(outcomeOf(new Evict(WEB, terms()))).isInstanceOf(Overloaded.class);
        assertThat(outcomeOf(new Evict(API, terms()))).isInstanceOf(NotSent.class);

        shell.pass(Duration.ofSeconds(5));
        shell.until(() -> outcomeOf(new Evict(API, terms())).equals(new Succeeded()));
    }

    @Test
    void evictsThisPodAndNoNamesakeOfIt() {
        assertThat(outcomeOf(new Evict(WEB, terms()))).isEqualTo(new Succeeded());

        var options = shell.cluster.lastBody(evictionOf("web")).path("deleteOptions");
        assertThat(options.at("/preconditions/uid").asText()).isEqualTo(WEB.uid());
        assertThat(options.has("gracePeriodSeconds")).as("its own grace holds").isFalse();
        assertThat(shell.cluster.hasPod("web")).isFalse();
    }

    @Test
    void graceIsFittedWhenTheRequestIsSent() {
        BegunAction begun = executor.begin(
                new Evict(WEB, terms(new Grace(Duration.ofSeconds(30), Optional.of(now.plusSeconds(12))))));

        shell.pass(Duration.ofSeconds(7));
        assertThat(begun.execute()).isEqualTo(new Succeeded());

        assertThat(shell.cluster
                        .lastBody(evictionOf("web"))
                        .at("/deleteOptions/gracePeriodSeconds")
                        .asInt())
                .isBetween(1, 5);
    }

    static Stream<Arguments> answersToADeletion() {
        return Stream.of(
                answer("deleted", new Answer(200, "{}"), new Succeeded()),
                answer("pod gone", Answer.failure(404, "not found"), new NotNeeded("the pod is gone")),
                answer(
                        "webhook refuses",
                        Answer.failure(400, "admission webhook \"x\" denied the request: no"),
                        Refused.class),
                answer(
                        "permission missing",
                        Answer.failure(403, "User \"x\" cannot delete resource \"pods\" in API group \"\""),
                        Forbidden.class),
                answer("busy", Answer.failure(429, "too many requests"), Overloaded.class),
                answer("out of time", Answer.failure(504, "Timeout"), Retry.class),
                answer("server fails", Answer.failure(500, "etcd"), Retry.class));
    }

    @ParameterizedTest
    @MethodSource("answersToADeletion")
    void anAnswerToADeletionBecomesAnOutcome(Answer answer, Object outcome) {
        shell.cluster.answer(deletionOf("web"), answer);

        assertIs(outcome, outcomeOf(new Delete(WEB, terms())));
        shell.pass(Duration.ofSeconds(5));
        shell.until(() -> outcomeOf(new Delete(API, terms())).equals(new Succeeded()));
        assertThat(shell.cluster.hasPod("api")).isFalse();
    }

    static Stream<Arguments> answersToAMark() {
        return Stream.of(
                answer("marked", new Answer(200, "{}"), new Succeeded()),
                answer("pod gone", Answer.failure(404, "not found"), new NotNeeded("the pod is gone")),
                answer("refused", Answer.failure(403, "no"), Retry.class));
    }

    @ParameterizedTest
    @MethodSource("answersToAMark")
    void anAnswerToAMarkBecomesAnOutcome(Answer answer, Object outcome) {
        shell.cluster.answer(MARK, answer);

        assertIs(outcome, outcomeOf(new MarkDisrupted(WEB, terms())));
        assertThat(shell.cluster.hasPod("web")).isTrue();
    }

    @Test
    void whatIsGivenUpWhileItWaitsIsNotSentAndTheNextPasses() {
        BegunAction first = executor.begin(new Evict(WEB, terms()));
        BegunAction second = executor.begin(new Evict(API, terms()));
        second.giveUp();

        assertThat(second.execute()).isInstanceOf(NotSent.class);
        assertThat(first.execute()).isEqualTo(new Succeeded());

        assertThat(shell.cluster.count(evictionOf("api"))).isZero();
        assertThat(outcomeOf(new Evict(API, terms()))).isEqualTo(new Succeeded());
    }

    @Test
    void whatHasNoTurnIsNotSent() {
        BegunAction first = executor.begin(new Evict(WEB, terms()));
        BegunAction second = executor.begin(new Evict(API, terms()));

        shell.gate.close();

        assertThat(second.execute()).isInstanceOf(NotSent.class);
        assertThat(first.execute()).as("it was granted").isEqualTo(new Succeeded());
        assertThat(shell.cluster.hasPod("api")).isTrue();
    }

    private Outcome outcomeOf(Action action) {
        return executor.begin(action).execute();
    }

    private static void assertIs(Object expected, Outcome outcome) {
        if (expected instanceof Class<?> sort) {
            assertThat(outcome).isInstanceOf(sort);
        } else {
            assertThat(outcome).isEqualTo(expected);
        }
    }

    private static Arguments answer(String name, Answer answer, Object outcome) {
        return arguments(named(name, answer), outcome);
    }

    private static Answer failure(int code, String cause, String message) {
        return Answer.failure(
                code,
                "Cannot evict pod",
                "{\"causes\": [{\"reason\": \"%s\", \"message\": \"%s\"}]}".formatted(cause, message));
    }

    private Terms terms() {
        return terms(new Grace(Duration.ofSeconds(30), Optional.empty()));
    }

    private Terms terms(Grace grace) {
        return new Terms(now, now.plusSeconds(60), grace, Set.of());
    }
}
