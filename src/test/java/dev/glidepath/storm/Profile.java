package dev.glidepath.storm;

import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.ControlPlane;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Profiles the program, on a JVM, in the first storm that {@link StormOptions} ask for: once where its CPU time goes, once what it
 * allocates. Writes a flame graph of each.
 */
public final class Profile {
    private static final Path FOLDER = Path.of("target", "profile");
    private static final List<Profiler> PROFILERS = List.of(
            new Profiler("itimer", FOLDER.resolve("cpu.html")),
            new Profiler("alloc", FOLDER.resolve("allocations.html")));

    private Profile() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> given = new HashMap<>(System.getenv());
        given.put("FORM", "jvm");
        int code = 0;
        try (ControlPlane plane = ControlPlane.start();
                AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC())) {
            Scenario scenario = StormOptions.of(given).scenarios().getFirst();
            for (Profiler profiler : PROFILERS) {
                Trial trial = new Trial(
                        scenario,
                        plane,
                        autoScaling,
                        Form.JVM,
                        Path.of(""),
                        progress -> System.out.println(profiler.event() + ": " + progress));
                trial.handler(profiler);
                System.out.println("Written: " + profiler.graph());
            }
        } catch (IllegalArgumentException | IllegalStateException wrong) {
            System.err.println("profile: " + wrong.getMessage());
            code = 1;
        }
        System.exit(code); // some clients' threads would keep the JVM
    }
}
