/**
 * The story: what happens to a message, and to the node it speaks of.
 *
 * <pre>
 *   queue --messages--> Intake --interruptions--> Departures (one a node) --> Departure
 *                         |                                                     |  look, decide, act, look again
 *                         +-- noise: deleted at once                            |
 *                                                     decision.Decider &lt;-- Snapshot, --> Actions --> node, drain, lifecycle, queue
 *                                                                               |
 *                                       log, metrics, events &lt;-- StoryPublisher &lt;-- story.Story
 * </pre>
 *
 * Only this package knows the six others and strings them together. {@link dev.glidepath.departure.Departure} is the class
 * to read first; what it asks is answered in {@link dev.glidepath.departure.decision}, what it reports is made in
 * {@link dev.glidepath.departure.story}.
 */
@NullMarked
package dev.glidepath.departure;

import org.jspecify.annotations.NullMarked;
