package dev.glidepath.doctor;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.doctor.Finding.Level;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Prints findings. Not safe for several threads. */
public final class Report {
    private static final JsonMapper JSON = new JsonMapper();

    private final Form form;
    private final PrintStream out;
    private final List<Finding> findings = new ArrayList<>();

    /** The form of the report. */
    public enum Form {
        /** A line for each finding as it is found, its remedy on the next, and the counts at the end. */
        TEXT,
        /** One document at the end. */
        JSON;

        /** The word on the command line. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Report(Form form, PrintStream out) {
        this.form = form;
        this.out = out;
    }

    /** Adds a finding. */
    public void add(Finding finding) {
        findings.add(finding);
        if (form == Form.TEXT) {
            out.printf("%-4s  %-13s  %s%n", finding.level().label(), finding.about(), finding.found());
            if (!finding.remedy().isEmpty()) {
                out.printf("      %-13s  -> %s%n", "", finding.remedy());
            }
            out.flush();
        }
    }

    /** Ends the report: no finding follows. */
    public void end() {
        out.println(
                switch (form) {
                    case TEXT ->
                        Arrays.stream(Level.values())
                                .map(level -> "%d %s".formatted(count(level), level.label()))
                                .collect(Collectors.joining(", "));
                    case JSON -> document().toPrettyString();
                });
        out.flush();
    }

    /** Whether a finding is a failure. */
    public boolean hasFailures() {
        return count(Level.FAIL) > 0;
    }

    private ObjectNode document() {
        ObjectNode document = JSON.createObjectNode();
        for (Level level : Level.values()) {
            document.put(level.label(), count(level));
        }
        ArrayNode all = document.putArray("findings");
        findings.forEach(finding -> all.addObject()
                .put("level", finding.level().label())
                .put("about", finding.about())
                .put("found", finding.found())
                .put("remedy", finding.remedy()));
        return document;
    }

    private long count(Level level) {
        return findings.stream().filter(finding -> finding.level() == level).count();
    }
}
