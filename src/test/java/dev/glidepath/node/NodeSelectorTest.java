package dev.glidepath.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeSelectorTest {
    private static final Map<String, String> LABELS =
            Map.of("team", "web", "example.com/zone", "a", "spot", "", "Tier_1.x", "7");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "team=web",
                "team==web",
                " team = web ",
                "team!=db",
                "absent!=web",
                "team in (web)",
                "team in(db, web)",
                "team notin (db,cache)",
                "absent notin (x)",
                "team",
                "!absent",
                "! absent",
                "spot=",
                "spot in ()",
                "spot in (x,)",
                "team notin ()",
                "Tier_1.x=7",
                "example.com/zone in (a,b),team=web , !absent,spot",
                "in in (x),in"
            })
    void selectsAsKubectlDoes(String text) {
        boolean isNamedIn = text.startsWith("in ");

        assertThat(selector(text).selects(isNamedIn ? Map.of("in", "x") : LABELS))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "team=db",
                "team=Web",
                "team=",
                "absent=",
                "absent=web",
                "team!=web",
                "spot!=",
                "team in (db,cache)",
                "absent in (web)",
                "absent in ()",
                "team notin (db,web)",
                "absent",
                "!team",
                "!spot",
                "team=web,absent"
            })
    void leavesTheOthersOut(String text) {
        assertThat(selector(text).selects(LABELS)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",",
                "a,",
                ",a",
                "a,,b",
                "=",
                "=b",
                "a=b=c",
                "a===b",
                "a!b",
                "!a=b",
                "!!a",
                "!",
                "a b",
                "a in",
                "a in x",
                "a in (x",
                "a in x)",
                "a in ((x))",
                "ain (x)",
                "a notin (x) b",
                "a IN (x)",
                "a in (x y)",
                "a=b c",
                "a=-b",
                "a=b_",
                "-a",
                "a/b/c",
                "/a",
                "a/",
                "A.com/a",
                "a..b/c",
                "a>1",
                "ä"
            })
    void isNothingElse(String text) {
        assertThat(NodeSelector.parse(text)).isEmpty();
    }

    @Test
    void keysAndValuesHaveALength() {
        String name = "n".repeat(63);
        String prefix = "p".repeat(63) + ".example.com/";

        assertThat(NodeSelector.parse(prefix + name + "=" + name)).isPresent();
        assertThat(NodeSelector.parse(name + "n")).isEmpty();
        assertThat(NodeSelector.parse("a=" + name + "n")).isEmpty();
        assertThat(NodeSelector.parse("p" + prefix + "a")).isEmpty();
        assertThat(NodeSelector.isLabelKey("p.".repeat(126) + "p/a")).isTrue();
        assertThat(NodeSelector.isLabelKey("p.".repeat(126) + "pp/a")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "b==x , a                 | a,b=x",
                "a in ( y,x , y )         | a in (x,y)",
                "a in (x)                 | a=x",
                "a notin (x)              | a!=x",
                "a notin (y,x)            | a notin (x,y)",
                "! a,b=                   | !a,b=",
                "a,a                      | a"
            })
    void hasOneTextForWhatMeansTheSame(String text, String canonical) {
        assertThat(selector(text)).hasToString(canonical).isEqualTo(selector(canonical));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n"})
    void nothingSelectsEveryNode(String text) {
        assertThat(selector(text)).isEqualTo(NodeSelector.all()).hasToString("");
        assertThat(NodeSelector.all().selects(LABELS)).isTrue();
        assertThat(NodeSelector.all().selects(Map.of())).isTrue();
    }

    private static NodeSelector selector(String text) {
        return NodeSelector.parse(text).orElseThrow(() -> new AssertionError("no selector: " + text));
    }
}
