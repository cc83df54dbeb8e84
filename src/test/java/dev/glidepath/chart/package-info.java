/** The Helm chart, rendered by Helm. */
@NullMarked
package dev.glidepath.chart;

import org.jspecify.annotations.NullMarked;
