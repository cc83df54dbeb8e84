/**
 * What we decided, told once: a structured log line and a metric, with the same words in both; and how we are, for probes.
 */
@NullMarked
package dev.glidepath.observe;

import org.jspecify.annotations.NullMarked;
