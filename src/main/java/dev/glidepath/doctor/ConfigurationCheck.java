package dev.glidepath.doctor;

import dev.glidepath.config.ConfigCheck.Remarks;
import java.util.List;
import java.util.stream.Stream;

/** Checks for variables that are valid but have no effect, or not the effect that their name suggests. */
public final class ConfigurationCheck implements Check {
    private final Remarks remarks;

    public ConfigurationCheck(Remarks remarks) {
        this.remarks = remarks;
    }

    @Override
    public String about() {
        return "configuration";
    }

    @Override
    public List<Finding> run() {
        List<Finding> odd = Stream.concat(
                        remarks.unknown().stream()
                                .map(variable -> Finding.warn(
                                        about(),
                                        variable + " is no option of ours, and changes nothing",
                                        "take it away, or correct its name: docs/reference/configuration.md")),
                        remarks.notFromNth().stream()
                                .map(line -> Finding.warn(about(), line, "see docs/migrating-from-nth.md")))
                .toList();
        return odd.isEmpty() ? List.of(Finding.ok(about(), "each variable is understood")) : odd;
    }
}
