package dev.glidepath.lab;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The environment of the programs that tests start. Kubeconfigs, credentials, proxies and the languages of this machine are not in it, nor
 * what a pod of a CI system is given: it is the same everywhere.
 */
public final class CleanEnvironment {
    /** What a program needs to run at all. */
    private static final List<String> KEPT = List.of("PATH", "TMPDIR");

    private CleanEnvironment() {}

    /**
     * Gives a program these variables and no others of ours than it needs.
     *
     * @param home an empty folder, which the program takes for its user's
     */
    public static void give(ProcessBuilder program, Path home, Map<String, String> variables) {
        Map<String, String> environment = program.environment();
        environment.keySet().retainAll(KEPT);
        environment.put("HOME", home.toAbsolutePath().toString());
        environment.putAll(variables);
    }
}
