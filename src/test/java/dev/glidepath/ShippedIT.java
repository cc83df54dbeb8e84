package dev.glidepath;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.ProgramRun;
import dev.glidepath.lab.RunsTheProgram;
import dev.glidepath.lab.TestQueue;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The program as it ships, native or not: it answers at every page and knows its commands; what it reads {@link StackIT} shows. */
@RunsTheProgram
class ShippedIT {
    private final AutoScalingStandIn autoScaling = AutoScalingStandIn.start(Clock.systemUTC());
    private final TestQueue queue = TestQueue.create();

    @AfterEach
    void end() {
        autoScaling.close();
    }

    @Test
    void answersAtEachPage() {
        try (DaemonProcess daemon = start(Map.of())) {
            daemon.awaitReady();

            assertThat(daemon.get("/health/live")).contains("\"UP\"");
            assertThat(daemon.get("/health/ready")).contains("\"UP\"");
            assertThat(daemon.get("/health/started")).contains("\"UP\"");
            assertThat(daemon.get("/health")).contains("\"UP\"");
            await("a receive to be counted")
                    .atMost(ofMinutes(4))
                    .until(() -> daemon.get("/metrics").contains("glidepath_"));
            assertThat(daemon.get("/metrics")).contains("# TYPE glidepath_", "jvm_memory_used_bytes");
        }
    }

    /** See ADR 0020. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void waitsForItsSocketsByThreadsOfTheSystem() {
        try (DaemonProcess daemon = start(Map.of())) {
            daemon.awaitReady();

            assertThat(daemon.threads()).contains("Read-Poller").doesNotContain("MasterPoller");
        }
    }

    @Test
    void knowsItsCommands() {
        ProgramRun help = ProgramRun.of(Map.of(), "--help");
        assertThat(help.exitCode()).as(help.err()).isZero();
        assertThat(help.out()).contains("Usage: glidepath", "run", "doctor");

        ProgramRun version = ProgramRun.of(Map.of(), "--version");
        assertThat(version.exitCode()).as(version.err()).isZero();
        assertThat(version.out().strip()).isNotEmpty();

        ProgramRun doctor = ProgramRun.of(Map.of(), "doctor", "--help");
        assertThat(doctor.exitCode()).as(doctor.err()).isZero();
        assertThat(doctor.out()).contains("--output");

        ProgramRun wrong = ProgramRun.of(Map.of(), "doctor", "--output", "xml");
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("xml", "json");
    }

    private DaemonProcess start(Map<String, String> more) {
        return DaemonProcess.start(ControlPlane.shared(), queue, autoScaling, more);
    }
}
