package dev.glidepath.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NthEnvironmentTest {
    private static final String QUEUE_MODE = "ENABLE_SQS_TERMINATION_DRAINING";

    private final Map<String, String> environment = new HashMap<>(Map.of(QUEUE_MODE, "true"));

    @Test
    void withoutItsQueueModeNothingIsRead() {
        Map<String, String> others = Map.of("QUEUE_URL", "https://queue", "LOG_LEVEL", "nonsense", "DRY_RUN", "maybe");

        NthEnvironment read = new NthEnvironment(others);

        assertThat(read.variables()).isEqualTo(others);
        assertThat(read.became()).isEmpty();
        assertThat(read.missing()).isEmpty();
        assertThat(read.wrong()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "QUEUE_URL, https://queue, GLIDEPATH_QUEUE_URL, https://queue",
        "DRY_RUN, T, GLIDEPATH_DRY_RUN, true",
        "DRY_RUN, 0, GLIDEPATH_DRY_RUN, false",
        "CORDON_ONLY, true, GLIDEPATH_RESPONSE_SPOT_INTERRUPTION, cordon",
        "CORDON_ONLY, true, GLIDEPATH_RESPONSE_ASG_TERMINATION, cordon",
        "ENABLE_OUT_OF_SERVICE_TAINT, true, GLIDEPATH_NODE_OUT_OF_SERVICE_TAINT, true",
        "EXCLUDE_FROM_LOAD_BALANCERS, 1, GLIDEPATH_NODE_EXCLUDE_FROM_LOAD_BALANCERS, true",
        "DELETE_LOCAL_DATA, false, GLIDEPATH_DRAIN_EVICT_EMPTY_DIR, false",
        "POD_NAME, nth-1, GLIDEPATH_POD_NAME, nth-1",
        "NAMESPACE, kube-system, GLIDEPATH_POD_NAMESPACE, kube-system",
        "JSON_LOGGING, true, GLIDEPATH_LOG_FORMAT, json",
        "JSON_LOGGING, false, GLIDEPATH_LOG_FORMAT, text",
        "LOG_LEVEL, debug, GLIDEPATH_LOG_LEVEL, debug",
        "PROBES_SERVER_PORT, 8081, GLIDEPATH_HTTP_PORT, 8081",
    })
    void whatHasACounterpartBecomesIt(String nths, String value, String ours, String becomes) {
        environment.put(nths, value);

        NthEnvironment read = new NthEnvironment(environment);

        assertThat(read.variables()).containsEntry(ours, becomes);
        assertThat(read.originOf(ours)).contains(NthVariable.valueOf(nths));
        assertThat(read.became()).contains("%s: became %s=%s".formatted(nths, ours, becomes));
    }

    @Test
    void oursHoldsWhereBothAreSet() {
        environment.put("QUEUE_URL", "https://theirs");
        environment.put("GLIDEPATH_QUEUE_URL", "https://ours");

        NthEnvironment read = new NthEnvironment(environment);

        assertThat(read.variables()).containsEntry("GLIDEPATH_QUEUE_URL", "https://ours");
        assertThat(read.originOf("GLIDEPATH_QUEUE_URL")).isEmpty();
        assertThat(read.became()).contains("QUEUE_URL: GLIDEPATH_QUEUE_URL is set as well, and holds");
    }

    @ParameterizedTest
    @CsvSource({
        "WEBHOOK_URL, https://hook",
        "IGNORE_DAEMON_SETS, false",
        "POD_TERMINATION_GRACE_PERIOD, 10",
        "MANAGED_TAG, team",
        "ENABLE_SQS_TERMINATION_DRAINING, false",
    })
    void whatHasNoCounterpartIsToldWithWhatIsHereInstead(String nths, String value) {
        environment.put(nths, value);

        assertThat(new NthEnvironment(environment).missing())
                .singleElement()
                .asString()
                .startsWith(nths + ": ")
                .hasSizeGreaterThan(nths.length() + 10);
    }

    @ParameterizedTest
    @CsvSource({"DRY_RUN, yes, true or false", "WORKERS, many, a whole number", "TAINT_NODE, TrUe, true or false"})
    void whatNthWouldNotTakeIsWrongHereToo(String nths, String value, String expected) {
        environment.put(nths, value);

        assertThat(new NthEnvironment(environment).wrong())
                .containsExactly("%s: found \"%s\", expected %s".formatted(nths, value, expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"DRY_RUN", "WORKERS", "QUEUE_URL"})
    void whatIsSetToNothingIsNotSet(String nths) {
        environment.put(nths, "");

        NthEnvironment read = new NthEnvironment(environment);

        assertThat(read.wrong()).isEmpty();
        assertThat(read.became()).allMatch(line -> line.startsWith(QUEUE_MODE));
    }

    /** What each becomes is an option of ours; none is passed over without a word. */
    @ParameterizedTest
    @EnumSource(NthVariable.class)
    void eachIsAnsweredFor(NthVariable variable) {
        String value = switch (variable.form()) {
            case TEXT -> "text";
            case NUMBER -> "7";
            case SWITCH -> "true";
        };
        environment.put(variable.name(), value);

        NthEnvironment read = new NthEnvironment(environment);

        List<String> options = Option.all().stream().map(Option::variable).toList();
        assertThat(read.variables().keySet().stream().filter(name -> name.startsWith("GLIDEPATH_")))
                .isSubsetOf(options);
        assertThat(read.became().stream().anyMatch(line -> line.startsWith(variable + ": "))
                        || read.missing().stream().anyMatch(line -> line.startsWith(variable + ": ")))
                .isTrue();
    }
}
