package dev.glidepath.drain.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.drain.budget.Budget;
import dev.glidepath.drain.plan.Standing.Free;
import dev.glidepath.drain.plan.Standing.Full;
import dev.glidepath.drain.plan.Standing.Room;
import dev.glidepath.drain.plan.Standing.Several;
import dev.glidepath.drain.plan.Standing.Stale;
import dev.glidepath.drain.pod.Pod;
import dev.glidepath.drain.pod.Pod.Phase;
import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.drain.pod.SamplePod;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StandingTest {
    private static final Pod WEB = SamplePod.of("web").build();
    private static final Pod UNHEALTHY =
            SamplePod.of("web").without(Trait.READY).build();
    private static final Budget FULL = SampleBudget.of("full").build();

    @Test
    void isFreeWhereNoBudgetCoversIt() {
        assertThat(standing(WEB)).isEqualTo(new Free());
        assertThat(standing(WEB, SampleBudget.of("other").over("db").build())).isEqualTo(new Free());
        assertThat(standing(WEB, SampleBudget.of("other").namespace("shop2").build()))
                .isEqualTo(new Free());
    }

    @Test
    void findsTheOneThatCoversItAmongOthers() {
        Budget covers = SampleBudget.of("web").over("web").build();

        assertThat(standing(
                        WEB,
                        SampleBudget.of("other").over("db").build(),
                        covers,
                        SampleBudget.of("elsewhere").namespace("ops").build()))
                .isEqualTo(new Full(covers, false));
    }

    @Test
    void hasRoomFromOneOn() {
        Budget room = SampleBudget.of("web").allowed(1).build();

        assertThat(standing(WEB, room)).isEqualTo(new Room(room));
        assertThat(standing(WEB, FULL)).isEqualTo(new Full(FULL, false));
    }

    @Test
    void aBudgetWhoseStatusLagsIsStaleWhateverItAllows() {
        Budget stale = SampleBudget.of("web").allowed(3).stale().build();

        assertThat(standing(WEB, stale)).isEqualTo(new Stale(stale));
    }

    @Test
    void severalBudgetsAreSeveralWhateverTheirRoom() {
        Budget room = SampleBudget.of("roomy").allowed(3).build();

        assertThat(standing(WEB, room, FULL)).isEqualTo(new Several(List.of(room, FULL)));
        assertThat(standing(UNHEALTHY, room, FULL)).isInstanceOf(Several.class);
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void pendingAndFinishedPodsGoPastBudgets(Phase phase) {
        Pod pod = SamplePod.of("web").phase(phase).build();

        switch (phase) {
            case PENDING, SUCCEEDED, FAILED -> assertThat(standing(pod, FULL)).isEqualTo(new Free());
            case RUNNING, UNKNOWN -> assertThat(standing(pod, FULL)).isEqualTo(new Full(FULL, false));
        }
    }

    @Test
    void noBudgetIsAskedForAPodThatIsGoing() {
        assertThat(standing(SamplePod.of("web").terminating().build(), FULL, FULL))
                .isEqualTo(new Free());
    }

    @Test
    void alwaysAllowLetsAnUnhealthyPodGoButNoOther() {
        SampleBudget always = SampleBudget.of("always").alwaysAllowsUnhealthy().healthy(0, 2);

        assertThat(standing(UNHEALTHY, always.build())).isEqualTo(new Free());
        assertThat(standing(UNHEALTHY, always.stale().build()))
                .as("for it is not asked for its status")
                .isEqualTo(new Free());
        assertThat(standing(WEB, always.build())).isInstanceOf(Stale.class);
    }

    @Test
    void ifHealthyBudgetLetsUnhealthyPodsGoWhenEnoughAreHealthy() {
        assertThat(standing(UNHEALTHY, healthy(2, 2))).isEqualTo(new Free());
        assertThat(standing(UNHEALTHY, healthy(3, 2))).isEqualTo(new Free());
        assertThat(standing(UNHEALTHY, healthy(1, 1))).isEqualTo(new Free());
        assertThat(standing(UNHEALTHY, healthy(1, 2))).isEqualTo(new Full(healthy(1, 2), true));
        assertThat(standing(UNHEALTHY, healthy(0, 0)))
                .as("the server wants at least one to be desired")
                .isEqualTo(new Full(healthy(0, 0), true));
        assertThat(standing(WEB, healthy(2, 2))).isEqualTo(new Full(healthy(2, 2), false));
    }

    @Test
    void anUnhealthyPodMayUseRoomLikeAnyOther() {
        Budget room = SampleBudget.of("web").allowed(1).build();

        assertThat(standing(UNHEALTHY, room)).isEqualTo(new Room(room));
    }

    @Test
    void namesTheBudgetsItSpeaksOf() {
        assertThat(new Free().budgets()).isEmpty();
        assertThat(new Room(FULL).budgets()).containsExactly(FULL);
        assertThat(new Full(FULL, true).budgets()).containsExactly(FULL);
        assertThat(new Stale(FULL).budgets()).containsExactly(FULL);
        assertThat(new Several(List.of(FULL, healthy(1, 1))).budgets()).containsExactly(FULL, healthy(1, 1));
    }

    private static Budget healthy(int healthy, int desired) {
        return SampleBudget.of("web").healthy(healthy, desired).build();
    }

    private static Standing standing(Pod pod, Budget... budgets) {
        return Standing.of(pod, List.of(budgets));
    }
}
