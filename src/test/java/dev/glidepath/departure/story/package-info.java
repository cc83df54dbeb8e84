/**
 * What departures report, asserted on events, fields, counts and subjects: the words of texts and notes may change.
 *
 * <pre>
 *   SampleDeparture: snapshot, decision, action, outcome --&gt; Story --&gt; entries
 * </pre>
 *
 * No server, no clock, no log: each test takes milliseconds.
 */
@NullMarked
package dev.glidepath.departure.story;

import org.jspecify.annotations.NullMarked;
