package dev.glidepath;

import dev.glidepath.config.ConfigCheck;
import dev.glidepath.config.ConfigCheck.Result.Invalid;
import dev.glidepath.config.ConfigCheck.Result.Valid;
import dev.glidepath.config.GlidepathConfig.LogFormat;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.List;

/** The program: {@code glidepath run}, which is also what it does without a word. */
@QuarkusMain
public final class Main {
    private static final int USAGE = 2;

    private Main() {}

    /** Checks the configuration before anything is touched, then runs until SIGTERM. Exit code 2 tells of a wrong call. */
    public static void main(String... args) {
        switch (List.of(args)) {
            case List<String> words when words.isEmpty() || words.equals(List.of("run")) -> run(args);
            default -> refuse(List.of("usage: glidepath [run]"));
        }
    }

    private static void run(String... args) {
        switch (ConfigCheck.of(System.getenv())) {
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
                Quarkus.run(args);
            }
        }
    }

    private static void refuse(List<String> problems) {
        problems.forEach(System.err::println);
        System.exit(USAGE);
    }
}
