package dev.glidepath.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Only root may make control groups: skipped for everybody else. */
class ControlGroupIT {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    @BeforeEach
    void rootOfAMachineWithControlGroups() {
        assumeTrue(
                "root".equals(System.getProperty("user.name"))
                        && (Files.exists(ROOT.resolve("cgroup.controllers")) || Files.exists(ROOT.resolve("memory"))),
                "control groups are root's to make");
    }

    @Test
    void processWithoutMemoryIsKilledAndCounted() throws Exception {
        try (ControlGroup group = ControlGroup.of(16, OptionalDouble.empty())) {
            int code = run(group, "tail /dev/zero");

            assertThat(code).isNotZero();
            assertThat(group.killedForMemory()).isPositive();
            assertThat(group.peakMemory()).isBetween(15L << 20, 16L << 20);
        }
    }

    @Test
    void processKnowsItsLimitsAndTheyGoWithTheGroup() throws Exception {
        ControlGroup group = ControlGroup.of(64, OptionalDouble.of(0.5));

        assertThat(run(group, "grep -q glidepath- /proc/self/cgroup")).isZero();
        group.close();

        assertThat(folders()).isEmpty();
    }

    private static int run(ControlGroup group, String command) throws Exception {
        Process process = new ProcessBuilder(group.running(List.of("sh", "-c", command))).start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as(command + " ends").isTrue();
        return process.exitValue();
    }

    private static List<Path> folders() throws Exception {
        String ours = "glidepath-" + ProcessHandle.current().pid() + "-";
        try (var found =
                Files.find(ROOT, 3, (path, _) -> path.getFileName().toString().startsWith(ours))) {
            return found.toList();
        }
    }
}
