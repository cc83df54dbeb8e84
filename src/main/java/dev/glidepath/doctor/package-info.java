/**
 * The command {@code glidepath doctor}: checks whether everything is set up, and reports what to do.
 *
 * <pre>
 *   doctor.aws, doctor.cluster --Checks--&gt; Doctor --Findings (ok, warn, fail; what was found; what to do)--&gt; Report
 * </pre>
 *
 * A check changes nothing: it only reads, at AWS and in the cluster. This package holds what all checks share, and knows neither
 * AWS nor the cluster. {@code DoctorCommand} puts the checks together.
 */
@NullMarked
package dev.glidepath.doctor;

import org.jspecify.annotations.NullMarked;
