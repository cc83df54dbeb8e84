package dev.glidepath.storm;

import dev.glidepath.lab.AutoScalingStandIn;
import dev.glidepath.lab.ControlGroup;
import dev.glidepath.lab.ControlPlane;
import dev.glidepath.lab.DaemonProcess;
import dev.glidepath.lab.SqsFront;
import dev.glidepath.lab.TestQueue;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

/** Where something is measured, and in which form of the program. */
record Bench(ControlPlane plane, AutoScalingStandIn autoScaling, Form form, Path binary, Consumer<String> progress) {
    private static final int JVM_MEMORY = 3 * Scenario.CHART_MEMORY;

    /** What the program may use, in MiB: the chart's limit, and thrice as much on a JVM. */
    int memory() {
        return form == Form.NATIVE ? Scenario.CHART_MEMORY : JVM_MEMORY;
    }

    /** Starts the program as its image does. */
    DaemonProcess start(ControlGroup group, TestQueue queue, SqsFront front) {
        return DaemonProcess.start(
                group.running(form.command(binary, memory())),
                plane,
                queue,
                autoScaling,
                Map.of("AWS_ENDPOINT_URL_SQS", front.endpoint().toString(), "GLIDEPATH_LOG_LEVEL", "INFO"));
    }
}
