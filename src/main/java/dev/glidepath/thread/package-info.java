/**
 * Threads that live as long as the program.
 *
 * <pre>
 *   a round ──▶ the next round          … until a round says that it was the last, or the thread is interrupted
 *       └─ throws ──▶ log, pause ──▶ the next round; readiness says so meanwhile
 * </pre>
 *
 * No failure of a round ends such a thread, not even an {@code Error}. Nothing here knows what a round does.
 */
@NullMarked
package dev.glidepath.thread;

import org.jspecify.annotations.NullMarked;
