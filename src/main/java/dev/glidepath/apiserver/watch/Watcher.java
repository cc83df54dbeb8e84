package dev.glidepath.apiserver.watch;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.time.SteadyClock;
import java.util.random.RandomGenerator;

/**
 * What every watch needs.
 *
 * @param random spreads what is tried again; must be safe for use by many threads
 */
public record Watcher(ApiServer apiServer, SteadyClock clock, RandomGenerator random) {}
