/**
 * What AWS announced, told in our words.
 *
 * <pre>
 *   message body --Decoder--> Announced(interruptions) | BlockExpires(reservation) | Ignored(reason) | Undecodable(why)
 *                    |                                                                                    |
 *      Ec2Decoder, AutoScalingDecoder, HealthDecoder: one for each service that speaks                 Excerpt, for the log
 * </pre>
 *
 * Pure: no I/O, no clock, no framework. No input, however odd, throws.
 */
@NullMarked
package dev.glidepath.event;

import org.jspecify.annotations.NullMarked;
