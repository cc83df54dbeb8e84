package dev.glidepath;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.config.ConfigCheck;
import dev.glidepath.config.ConfigCheck.Result.Invalid;
import dev.glidepath.config.ConfigCheck.Result.Valid;
import dev.glidepath.config.GlidepathConfig;
import dev.glidepath.departure.snapshot.Policy;
import dev.glidepath.doctor.Check;
import dev.glidepath.doctor.ConfigurationCheck;
import dev.glidepath.doctor.Doctor;
import dev.glidepath.doctor.Report;
import dev.glidepath.doctor.aws.AwsChecks;
import dev.glidepath.doctor.aws.AwsFailures;
import dev.glidepath.doctor.cluster.ClusterChecks;
import dev.glidepath.doctor.cluster.ClusterFailures;
import dev.glidepath.event.Kind;
import dev.glidepath.event.Response;
import io.fabric8.kubernetes.client.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/** {@code glidepath doctor}: puts the checks together and runs them. It starts no daemon and changes nothing. */
final class DoctorCommand {
    private static final Logger ALL_LOGS = Logger.getLogger("");

    private DoctorCommand() {}

    /** Returns an exit code: 0 when nothing fails, 1 when something fails, 2 when the configuration is invalid. */
    static int run(Report.Form form) throws InterruptedException {
        return switch (ConfigCheck.ofThisProcess()) {
            case Invalid(List<String> problems) -> Main.refuse(problems);
            case Valid valid -> run(valid, new Report(form, System.out));
        };
    }

    private static int run(Valid configuration, Report report) throws InterruptedException {
        ALL_LOGS.setLevel(Level.OFF); // the errors of a client become findings
        List<Check> checks = checks(configuration);
        new Doctor(checks, List.of(AwsFailures::explain, ClusterFailures::explain)).run(report::add);
        report.end();
        return report.hasFailures() ? 1 : 0;
    }

    /** In the order of the report. */
    private static List<Check> checks(Valid configuration) {
        GlidepathConfig config = configuration.config();
        Config kubernetes = Wiring.kubernetes();
        Set<Kind> answered = answered(ConfiguredPolicy.of(config, Optional.empty()));
        boolean writes = !config.dryRun();
        AwsChecks aws = new AwsChecks(configuration.region(), config.queueUrl().value());
        ClusterChecks cluster = new ClusterChecks(new ApiServer(kubernetes), Wiring.namespaceOf(config, kubernetes));

        List<Check> checks = new ArrayList<>(List.of(
                new ConfigurationCheck(configuration.remarks()),
                aws.credentials(),
                aws.queue(writes),
                aws.rules(answered),
                cluster.access(),
                cluster.permissions(writes, config.lastCall().enabled()),
                cluster.nodes(config.node().selector())));
        if (answered.contains(Kind.ASG_TERMINATION)) {
            checks.add(aws.hooks(
                    cluster::instances,
                    arn -> ConfiguredPolicy.of(config, arn).hooks().ownership()));
        }
        checks.add(cluster.budgets());
        checks.add(cluster.gracePeriods());
        return checks;
    }

    /** The kinds that need a source. Hooks for launches are optional, so no check demands them. */
    private static Set<Kind> answered(Policy policy) {
        return policy.responses().entrySet().stream()
                .filter(each -> each.getValue() != Response.IGNORE && each.getKey() != Kind.ASG_LAUNCH)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }
}
