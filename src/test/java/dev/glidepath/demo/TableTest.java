package dev.glidepath.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TableTest {
    private final Table table = new Table("node", "held\nback by");

    @Test
    void alignsColumnsAndGivesACellItsLines() {
        table.row("node-a", "nobody");
        table.row("b", "web\ncheckout");
        var printed = new ByteArrayOutputStream();

        table.printTo(new Screen(new PrintStream(printed, true, StandardCharsets.UTF_8), false));

        assertThat(printed.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "  node    held", //
                        "          back by",
                        "  node-a  nobody",
                        "  b       web",
                        "          checkout");
    }

    @Test
    void refusesARowThatDoesNotFit() {
        assertThatThrownBy(() -> table.row("one cell"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("1 cells under 2 headings");
    }
}
