package dev.glidepath;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.config.ConfigCheck;
import dev.glidepath.config.ConfigCheck.Result.Invalid;
import dev.glidepath.config.ConfigCheck.Result.Valid;
import dev.glidepath.departure.decision.Policy;
import dev.glidepath.departure.decision.Response;
import dev.glidepath.doctor.Doctor;
import dev.glidepath.doctor.Report;
import dev.glidepath.event.Kind;
import io.fabric8.kubernetes.client.Config;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/** {@code glidepath doctor}: what the daemon would work with, looked at and left alone. No daemon is started. */
final class DoctorCommand {
    private static final Logger ALL_LOGS = Logger.getLogger("");

    private DoctorCommand() {}

    /** Gives an exit code: 0 when nothing fails, 1 when something does, 2 when the configuration does not hold. */
    static int examine(Report.Form form) throws InterruptedException {
        return switch (ConfigCheck.ofThisProcess()) {
            case Invalid(List<String> problems) -> Main.refuse(problems);
            case Valid valid -> examine(valid, new Report(form, System.out));
        };
    }

    private static int examine(Valid configuration, Report report) throws InterruptedException {
        ALL_LOGS.setLevel(Level.OFF); // whatever a client has to say becomes a finding
        Config kubernetes = Wiring.kubernetes();
        Doctor.of(new Doctor.Setup(
                        configuration,
                        new ApiServer(kubernetes),
                        Wiring.namespaceOf(configuration.config(), kubernetes),
                        answered(ConfiguredPolicy.of(configuration.config(), Optional.empty())),
                        arn -> ConfiguredPolicy.of(configuration.config(), arn)
                                .hooks()
                                .ownership()))
                .look(report::tell);
        report.end();
        return report.hasFailures() ? 1 : 0;
    }

    /** Launches are answered where there are hooks for them, and nobody needs any. */
    private static Set<Kind> answered(Policy policy) {
        return policy.responses().entrySet().stream()
                .filter(each -> each.getValue() != Response.IGNORE && each.getKey() != Kind.ASG_LAUNCH)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }
}
