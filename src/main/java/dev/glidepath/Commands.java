package dev.glidepath;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.glidepath.doctor.Report.Form;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/** What can be said on the command line: {@code run}, which is also what is done without a word, and {@code doctor}. */
final class Commands {
    private static final String VERSION = version();

    private Commands() {}

    /** Runs the doctor, prints a report in this form, and returns an exit code. */
    @FunctionalInterface
    interface DoctorRun {
        int run(Form form) throws Exception;
    }

    static CommandLine of(Callable<Integer> run, DoctorRun doctor) {
        CommandSpec glidepath = command(
                        "glidepath",
                        "Drains the nodes of a Kubernetes cluster on EC2 before their instances go. Without a command: run.",
                        run)
                .version(VERSION)
                .addOption(OptionSpec.builder("-V", "--version")
                        .versionHelp(true)
                        .description("Tell the version.")
                        .build());
        glidepath.addSubcommand("run", command("run", "Runs until SIGTERM.", run));
        glidepath.addSubcommand("doctor", doctor(doctor));
        glidepath
                .usageMessage()
                .footer(
                        "",
                        "It is configured by environment variables: docs/reference/configuration.md tells them all.");
        return new CommandLine(glidepath)
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(110);
    }

    private static CommandSpec doctor(DoctorRun doctor) {
        OptionSpec output = OptionSpec.builder("-o", "--output")
                .paramLabel("text|json")
                .type(Form.class)
                .converters((ITypeConverter<Form>) Commands::form)
                .initialValue(Form.TEXT)
                .description("A line for each finding as it is found, or one document at the end. Without it: text.")
                .build();
        CommandSpec spec = command(
                        "doctor",
                        "Looks at the queue, the rules, the hooks, the cluster and the rights of whoever asks, and tells what to do."
                                + " Changes nothing.",
                        () -> doctor.run(Objects.requireNonNull(output.getValue())))
                .addOption(output);
        spec.usageMessage().exitCodeListHeading("Exit codes:%n").exitCodeList(exitCodes());
        return spec;
    }

    private static Map<String, String> exitCodes() {
        Map<String, String> codes = new LinkedHashMap<>();
        codes.put("0", "nothing fails; there may be warnings");
        codes.put("1", "something fails");
        codes.put("2", "a wrong call, or a wrong configuration");
        return codes;
    }

    private static CommandSpec command(String name, String does, Callable<Integer> todo) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(todo)
                .name(name)
                .addOption(OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("Tell this.")
                        .build());
        spec.usageMessage().description(does);
        return spec;
    }

    private static Form form(String text) {
        return Arrays.stream(Form.values())
                .filter(form -> form.label().equals(text))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("expected text or json, found \"%s\"".formatted(text)));
    }

    /** Of the build, which writes it there. A native image reads it when it is made. */
    private static String version() {
        try (InputStream text = Commands.class.getResourceAsStream("version")) {
            return "glidepath " + new String(Objects.requireNonNull(text).readAllBytes(), UTF_8).strip();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
