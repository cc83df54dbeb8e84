/**
 * Trouble that repeats itself, logged when it begins and when it ends.
 *
 * <pre>
 *   fails, fails, fails, succeeds ──▶ Trouble ──▶ one line when it begins, one when it ends
 *                                        └──▶ present: since when, of which kind, why
 * </pre>
 *
 * <p>A package of its own that knows no other: {@code thread}, {@code apiserver}, {@code queue} and {@code replica} use it, and
 * {@code observe}, where it might be looked for, uses {@code apiserver} itself.
 */
@NullMarked
package dev.glidepath.trouble;

import org.jspecify.annotations.NullMarked;
