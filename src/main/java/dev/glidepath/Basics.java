package dev.glidepath;

import dev.glidepath.config.ConfigCheck.Result.Valid;
import dev.glidepath.config.GlidepathConfig;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Metrics;
import dev.glidepath.permission.Permissions;
import dev.glidepath.time.CorrectedClock;
import dev.glidepath.time.SteadyClock;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Random;
import java.util.random.RandomGenerator;

/** What everything else is made with. */
record Basics(
        GlidepathConfig config,
        String region,
        CorrectedClock time,
        SteadyClock clock,
        RandomGenerator random,
        Metrics metrics,
        DecisionLog log,
        Permissions permissions) {

    static Basics of(Valid configuration, MeterRegistry registry) {
        CorrectedClock time = new CorrectedClock(SteadyClock.ofThisMachine());
        DecisionLog log = configuration.config().dryRun() ? DecisionLog.ofDryRun() : new DecisionLog();
        EnvironmentLog environment = new EnvironmentLog(log);
        time.onChange(environment::report);
        return new Basics(
                configuration.config(),
                configuration.region(),
                time,
                new SteadyClock(time, System::nanoTime),
                new Random(),
                new Metrics(registry),
                log,
                new Permissions(environment::report));
    }
}
