/**
 * Whether everything is set up: what {@code glidepath doctor} looks at, and what it says to do.
 *
 * <pre>
 *   Doctor --&gt; each Examination --&gt; Finding (ok, warn, fail; what was found; what to do)
 * </pre>
 *
 * Nothing here is changed by looking: reads alone, at AWS and in the cluster.
 */
@NullMarked
package dev.glidepath.doctor;

import org.jspecify.annotations.NullMarked;
