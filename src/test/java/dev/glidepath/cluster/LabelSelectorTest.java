package dev.glidepath.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.cluster.LabelSelector.Requirement;
import dev.glidepath.cluster.LabelSelector.Requirement.DoesNotExist;
import dev.glidepath.cluster.LabelSelector.Requirement.Exists;
import dev.glidepath.cluster.LabelSelector.Requirement.In;
import dev.glidepath.cluster.LabelSelector.Requirement.NotIn;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LabelSelectorTest {
    private static final Map<String, String> WEB = Map.of("app", "web", "tier", "front");

    @Test
    void withoutRequirementsSelectsEverything() {
        assertThat(selects(WEB)).isTrue();
        assertThat(selects(Map.of())).isTrue();
    }

    @Test
    void inWantsOneOfItsValues() {
        assertThat(selects(WEB, new In("app", Set.of("web")))).isTrue();
        assertThat(selects(WEB, new In("app", Set.of("db", "web")))).isTrue();
        assertThat(selects(WEB, new In("app", Set.of("db")))).isFalse();
        assertThat(selects(Map.of(), new In("app", Set.of("web")))).isFalse();
    }

    @Test
    void notInIsContentWithoutTheLabel() {
        assertThat(selects(WEB, new NotIn("app", Set.of("web")))).isFalse();
        assertThat(selects(WEB, new NotIn("app", Set.of("db")))).isTrue();
        assertThat(selects(Map.of(), new NotIn("app", Set.of("web")))).isTrue();
    }

    @Test
    void existsWantsTheLabelWhateverItSays() {
        assertThat(selects(WEB, new Exists("tier"))).isTrue();
        assertThat(selects(Map.of("tier", ""), new Exists("tier"))).isTrue();
        assertThat(selects(Map.of(), new Exists("tier"))).isFalse();
    }

    @Test
    void doesNotExistWantsItAway() {
        assertThat(selects(WEB, new DoesNotExist("tier"))).isFalse();
        assertThat(selects(Map.of(), new DoesNotExist("tier"))).isTrue();
    }

    @Test
    void allRequirementsMustHold() {
        assertThat(selects(WEB, new In("app", Set.of("web")), new Exists("tier")))
                .isTrue();
        assertThat(selects(WEB, new In("app", Set.of("web")), new DoesNotExist("tier")))
                .isFalse();
    }

    private static boolean selects(Map<String, String> labels, Requirement... requirements) {
        return new LabelSelector(List.of(requirements)).matches(labels);
    }
}
