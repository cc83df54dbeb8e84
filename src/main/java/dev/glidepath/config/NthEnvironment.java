package dev.glidepath.config;

import dev.glidepath.config.NthVariable.Meaning;
import dev.glidepath.config.NthVariable.Meaning.Becomes;
import dev.glidepath.config.NthVariable.Meaning.Holds;
import dev.glidepath.config.NthVariable.Meaning.Missing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The environment, in which what NTH's variables say is said by ours as well. Where both are set, ours hold. */
final class NthEnvironment {
    private final Map<String, String> variables;
    private final Map<String, NthVariable> origins = new HashMap<>();
    private final List<String> became = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();

    /** Reads nothing of NTH's unless its queue mode is switched on: other programs have variables of such names as well. */
    NthEnvironment(Map<String, String> environment) {
        variables = new HashMap<>(environment);
        if (!environment
                .getOrDefault(NthVariable.ENABLE_SQS_TERMINATION_DRAINING.name(), "")
                .isEmpty()) {
            for (NthVariable variable : NthVariable.values()) {
                String value = environment.getOrDefault(variable.name(), "");
                if (!value.isEmpty()) { // to NTH, that is not set
                    read(variable, value);
                }
            }
        }
    }

    /** All there were, and ours that NTH's became. */
    Map<String, String> variables() {
        return variables;
    }

    /** The variable of NTH's that one of ours comes from. */
    Optional<NthVariable> originOf(String variable) {
        return Optional.ofNullable(origins.get(variable));
    }

    /** What became of NTH's variables, a line each; those that ask for what is not here are in {@link #missing}. */
    List<String> became() {
        return became;
    }

    /** Which of them ask for what is not here, and what is here instead, a line each. */
    List<String> missing() {
        return missing;
    }

    /** Which of them have a value that NTH would not take either, a line each. */
    List<String> wrong() {
        return wrong;
    }

    private void read(NthVariable variable, String value) {
        Meaning meaning = variable.of(value).orElse(null);
        switch (meaning) {
            case Becomes becomes -> become(variable, value, becomes);
            case Holds holds -> became.add(variable + ": " + holds.because());
            case Missing without -> missing.add(variable + ": " + without.instead());
            case null ->
                wrong.add("%s: found \"%s\", expected %s"
                        .formatted(variable, value, variable.form().words()));
        }
    }

    private void become(NthVariable variable, String value, Becomes becomes) {
        new TreeMap<>(becomes.ours()).forEach((ours, known) -> {
            String ought = known.isEmpty() ? value : known;
            if (variables.putIfAbsent(ours, ought) == null) {
                origins.put(ours, variable);
                became.add("%s: became %s=%s".formatted(variable, ours, ought));
            } else {
                became.add("%s: %s is set as well, and holds".formatted(variable, ours));
            }
        });
    }
}
