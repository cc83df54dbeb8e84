/**
 * What AWS announced, in our words.
 *
 * <pre>
 *   message body --Decoder--> Announced(interruptions) | BlockExpires(reservation) | Ignored(reason) | Undecodable(why)
 *                    |                                                                                    |
 *      Ec2Decoder, AutoScalingDecoder, HealthDecoder: one for each service that announces              Excerpt, for the log
 * </pre>
 *
 * Pure: no I/O, no clock, no framework. No input, however odd, throws.
 *
 * <p>More than twelve files, because half of them are the values that all packages share, a record each, and the other half decode
 * into them.
 */
@NullMarked
package dev.glidepath.event;

import org.jspecify.annotations.NullMarked;
