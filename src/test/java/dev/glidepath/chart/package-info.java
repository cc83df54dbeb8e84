/**
 * Tests of the Helm chart: as it is rendered, as it is installed, and what its roles grant.
 *
 * <pre>
 *   Chart --without one rule--&gt; TestSetup (cluster, queue, daemon) --begin, isDone--&gt; Capability
 * </pre>
 */
@NullMarked
package dev.glidepath.chart;

import org.jspecify.annotations.NullMarked;
