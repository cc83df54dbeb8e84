package dev.glidepath.doctor;

import dev.glidepath.config.ConfigCheck.Remarks;
import java.util.List;
import java.util.stream.Stream;

/** Variables that are not wrong, and do not do what whoever set them may think. */
final class ConfigurationExamination implements Examination {
    private final Remarks remarks;

    ConfigurationExamination(Remarks remarks) {
        this.remarks = remarks;
    }

    @Override
    public String about() {
        return "configuration";
    }

    @Override
    public List<Finding> look() {
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
