package dev.glidepath.departure.story;

import static dev.glidepath.departure.story.SampleDeparture.HOOK;
import static dev.glidepath.departure.story.SampleDeparture.POD;
import static dev.glidepath.departure.story.SampleDeparture.WEB;
import static dev.glidepath.departure.story.SampleDeparture.events;
import static dev.glidepath.departure.story.SampleDeparture.evict;
import static dev.glidepath.departure.story.SampleDeparture.terms;
import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.departure.action.Action;
import dev.glidepath.departure.action.HeldEviction;
import dev.glidepath.departure.action.HeldEviction.Reason;
import dev.glidepath.departure.action.Outcome.Blocked;
import dev.glidepath.departure.action.Outcome.Refused;
import dev.glidepath.departure.story.Entry.Reported;
import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.pod.PodRef;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.observe.Metric;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HeldPodsTest {
    private static final Budget.Id BUDGET = new Budget.Id("shop", "web-budget");
    private static final PodRef ANOTHER = new PodRef("shop", "another", "uid-of-another");

    private final SampleDeparture departure = new SampleDeparture();

    @ParameterizedTest
    @EnumSource(names = {"NO_ROOM", "UNHEALTHY_PODS", "STALE"})
    void budgetThatHoldsAPodBackIsReportedOnce(Reason reason) {
        assertThat(departure.decides(held(reason))).singleElement().satisfies(entry -> {
            assertBlocked(entry, BUDGET.toString());
            assertThat(entry.counts()).containsExactly(Count.of(Metric.EVICTIONS_HELD_BACK, reason.label()));
        });
        assertThat(departure.decides(held(Reason.NO_ROOM))).isEmpty();
        assertThat(departure.hears(evict(WEB), new Blocked("web-budget", "0 of 1")))
                .isEmpty();
    }

    @Test
    void budgetsNumbersAreItsReasonUnlessTheyAreStale() {
        assertThat(reasonOf(Reason.NO_ROOM)).isEqualTo("0 of 1");
        assertThat(reasonOf(Reason.UNHEALTHY_PODS)).startsWith("0 of 1").isNotEqualTo("0 of 1");
        assertThat(reasonOf(Reason.STALE)).doesNotContain("0 of 1");
    }

    private static String reasonOf(Reason reason) {
        Reported entry = new SampleDeparture().decides(held(reason)).getFirst();
        return String.valueOf(entry.fields().get(Field.REASON));
    }

    @Test
    void budgetInUseIsNotReported() {
        assertThat(departure.decides(held(Reason.IN_USE))).isEmpty();
        assertThat(departure.decides(held(Reason.NO_ROOM))).hasSize(1);
    }

    @Test
    void budgetThatOnlyTheServerSeesIsReportedOnceAPod() {
        assertThat(departure.hears(evict(WEB), new Blocked("web-budget", "0 of 1")))
                .singleElement()
                .satisfies(entry -> {
                    assertBlocked(entry, "web-budget");
                    assertThat(entry.counts())
                            .containsExactly(Count.of(Metric.EVICTIONS_HELD_BACK, Reason.NO_ROOM.label()));
                });
        assertThat(departure.hears(evict(WEB), new Blocked("web-budget", "0 of 1")))
                .isEmpty();
        assertThat(departure.hears(evict(ANOTHER), new Blocked("web-budget", "0 of 1")))
                .hasSize(1);
    }

    @Test
    void refusalIsReportedOnceAPod() {
        assertThat(departure.hears(evict(WEB), new Refused("a webhook")))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.event()).isEqualTo(LogEvent.EVICTION_REFUSED);
                    assertThat(entry.fields()).containsEntry(Field.POD, WEB).containsEntry(Field.REASON, "a webhook");
                    assertShown(entry, "a webhook");
                });
        assertThat(departure.hears(evict(WEB), new Refused("a webhook"))).isEmpty();
        assertThat(events(departure.hears(evict(ANOTHER), new Refused("a webhook"))))
                .containsExactly(LogEvent.EVICTION_REFUSED);
    }

    @Test
    void nothingOfPodsIsReportedOfOtherActions() {
        assertThat(departure.hears(new Action.Heartbeat(HOOK), new Refused("why")))
                .isEmpty();
        assertThat(departure.hears(new Action.Heartbeat(HOOK), new Blocked("budget", "why")))
                .isEmpty();
    }

    @Test
    void evictionWithoutEffectIsReportedOnceAPod() {
        Action again = new Action.Evict(WEB, terms(Optional.of("7")));
        assertThat(departure.decides(evict(WEB))).isEmpty();
        assertThat(departure.decides(again)).singleElement().satisfies(entry -> {
            assertThat(entry.event()).isEqualTo(LogEvent.EVICTION_WITHOUT_EFFECT);
            assertThat(entry.fields()).containsEntry(Field.POD, WEB);
            assertShown(entry, "");
        });
        assertThat(departure.decides(again, new Action.LastCall(WEB, terms(Optional.of("8")))))
                .isEmpty();
    }

    private static HeldEviction held(Reason reason) {
        return new HeldEviction(evict(WEB), BUDGET, reason, "0 of 1");
    }

    private static void assertBlocked(Reported entry, String budget) {
        assertThat(entry.event()).isEqualTo(LogEvent.EVICTION_BLOCKED);
        assertThat(entry.fields()).containsEntry(Field.POD, WEB).containsEntry(Field.BUDGET, budget);
        assertShown(entry, budget);
    }

    /** @param value that the pod shows as well */
    private static void assertShown(Reported entry, String value) {
        assertThat(entry.clusterEvent()).hasValueSatisfying(shown -> {
            assertThat(shown.subject()).isEqualTo(POD);
            assertThat(shown.note()).isNotBlank().contains(value);
        });
    }
}
