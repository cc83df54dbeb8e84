/**
 * Measures a storm from outside: many nodes are interrupted at once, on a real control plane, and a client that does nothing but evict is
 * measured beside the program in the same run. {@code make storm}; a launcher beside the tests, no part of the program.
 *
 * <pre>
 *   Scenario --Landscape--> nodes and pods, made anew for each
 *                  |
 *                  +-- HandlerRun:    messages --> queue --> the program, in a container's limits
 *                  +-- BareClientRun: the reference
 *                  |
 *              audit log, /proc --> Observation --> Figures --> docs/benchmarks/*.json --BenchmarkPage--> docs/benchmarks.md, *.svg
 * </pre>
 *
 * What was measured is kept as it was measured; ratios and medians are made when the page is. What is no storm, such as the memory that
 * thousands of idle nodes take, is measured by a {@code Probe}.
 */
@NullMarked
package dev.glidepath.storm;

import org.jspecify.annotations.NullMarked;
