/**
 * What AWS announced, told in our words.
 *
 * <pre>
 *   message body --Decoder--> Announced(interruptions) | Ignored(reason) | Undecodable(why)
 * </pre>
 *
 * Pure: no I/O, no clock, no framework. No input, however odd, throws.
 */
@NullMarked
package dev.glidepath.event;

import org.jspecify.annotations.NullMarked;
