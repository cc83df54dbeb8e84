package dev.glidepath;

import dev.glidepath.config.ConfigCheck;
import dev.glidepath.config.ConfigCheck.Result.Invalid;
import dev.glidepath.config.ConfigCheck.Result.Valid;
import dev.glidepath.config.GlidepathConfig.LogFormat;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.List;
import picocli.CommandLine.ExitCode;

/** The program. What can be said to it stands in {@link Commands}. */
@QuarkusMain
public final class Main {
    private Main() {}

    /** Does what it is told, and ends with its exit code: 2 for a wrong call or a wrong configuration. */
    public static void main(String... args) {
        letThreadsOfTheSystemWaitForSockets();
        System.exit(Commands.of(Main::run, DoctorCommand::run).execute(args));
    }

    /**
     * In a native image a virtual thread that waits for others' sockets may fall asleep for good, and with it all whose sockets it
     * waits for: ADR 0020. To be called before the first of them waits.
     */
    private static void letThreadsOfTheSystemWaitForSockets() {
        System.setProperty("jdk.pollerMode", "1");
    }

    /** Checks the configuration before anything is touched, then runs until SIGTERM. */
    private static int run() {
        return switch (ConfigCheck.ofThisProcess()) {
            case Invalid(List<String> problems) -> refuse(problems);
            case Valid valid -> {
                boolean json = valid.config().log().format() == LogFormat.JSON;
                System.setProperty("quarkus.log.console.json.enabled", Boolean.toString(json));
                // They may come from other variables than Quarkus reads by itself.
                System.setProperty(
                        "glidepath.http.port",
                        Integer.toString(valid.config().http().port()));
                System.setProperty(
                        "glidepath.log.level", valid.config().log().level().name());
                Quarkus.run();
                yield ExitCode.OK;
            }
        };
    }

    /** Tells what is wrong with the configuration. */
    static int refuse(List<String> problems) {
        problems.forEach(System.err::println);
        return ExitCode.USAGE;
    }
}
