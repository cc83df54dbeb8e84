/**
 * What is remembered of things that come and go, in bounded memory.
 *
 * <pre>
 *   put, merge ──▶ Recent ──▶ get, contains     who asks never waits for who writes
 *                    └─ too many ──▶ the oldest goes that nobody has asked for since
 * </pre>
 */
@NullMarked
package dev.glidepath.memory;

import org.jspecify.annotations.NullMarked;
