package dev.glidepath.docs;

import static java.util.stream.Collectors.joining;

import dev.glidepath.config.NthVariable;
import dev.glidepath.config.NthVariable.Meaning;
import dev.glidepath.config.NthVariable.Meaning.Becomes;
import dev.glidepath.config.NthVariable.Meaning.Holds;
import dev.glidepath.config.NthVariable.Meaning.Missing;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page for those who come from NTH tells of each of its variables what the code makes of it. */
class NthDocsTest {
    @Test
    void tableTellsEachVariable() {
        MadeFile page = new MadeFile("docs", "migrating-from-nth.md");

        page.check(page.withSection("variables", table()));
    }

    private static String table() {
        return Stream.of(NthVariable.values())
                .map(variable -> "| `%s` | %s |\n".formatted(variable, meaningOf(variable)))
                .collect(joining("", "| variable | what it means here |\n| --- | --- |\n", ""));
    }

    private static String meaningOf(NthVariable variable) {
        return variable.meaning().equals(variable.ifFalse())
                ? words(variable.meaning())
                : "true: %s; false: %s".formatted(words(variable.meaning()), words(variable.ifFalse()));
    }

    private static String words(Meaning meaning) {
        return switch (meaning) {
            case Becomes becomes ->
                new TreeMap<>(becomes.ours())
                        .entrySet().stream()
                                .map(ours -> ours.getValue().isEmpty()
                                        ? "`%s`".formatted(ours.getKey())
                                        : "`%s=%s`".formatted(ours.getKey(), ours.getValue()))
                                .collect(joining(", "));
            case Holds holds -> "nothing to set: " + holds.because();
            case Missing missing -> "**not here**: " + missing.instead();
        };
    }
}
