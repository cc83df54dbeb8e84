/**
 * What time it is, and how long something has lasted.
 *
 * <pre>
 *   machine's clock ──▶ CorrectedClock ──▶ instant()   may be set, also back; corrected where it is proved wrong
 *   nanoTime        ─────────────────────▶ steady()    goes on evenly
 *                                            both ──▶ Moment ──▶ earliest(): when that was, by the clock as it is now
 * </pre>
 *
 * Whatever proves for a while that something may be done is measured steadily. What is written down or told to others is a time of
 * the corrected clock.
 */
@NullMarked
package dev.glidepath.time;

import org.jspecify.annotations.NullMarked;
