/**
 * Knows which permissions our role at AWS lacks, and what does not work without each.
 *
 * <pre>
 *   answers of SQS and Auto Scaling --denied, granted--> Permissions --begins, ends--> log
 *                                                                    --missing-------> readiness, metric, doctor
 * </pre>
 *
 * A permission counts as granted until AWS denies a request for the lack of it, and from the next request on that AWS does not
 * deny. Nothing here makes a request.
 */
@NullMarked
package dev.glidepath.permission;

import org.jspecify.annotations.NullMarked;
