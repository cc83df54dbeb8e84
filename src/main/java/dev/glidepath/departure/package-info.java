/**
 * The story: what happens to a message, and to the node it speaks of.
 *
 * <pre>
 *   queue --messages--> Intake --interruptions--> Departures (one an instance) --> Departure
 *                         |                                                          |  look, decide, begin actions, look again
 *                         +-- noise: deleted at once                                 |
 *                                                        decision.Decider &lt;-- Snapshot, --> execution --> node, drain, lifecycle, queue
 *                                                                                    |
 *                                            log, metrics, events &lt;-- StoryPublisher &lt;-- story.Story
 * </pre>
 *
 * Only this package and those below it know the six others and string them together. {@link dev.glidepath.departure.Departure} is the class
 * to read first; what it asks is answered in {@link dev.glidepath.departure.decision}, what it sees and does is in
 * {@link dev.glidepath.departure.execution}, what all departures share in {@link dev.glidepath.departure.sharing},
 * and what a departure reports is made in {@link dev.glidepath.departure.story}.
 *
 * <p>More than twelve files, for three things that are read together: how messages come in, how one departure runs, and how it is logged.
 */
@NullMarked
package dev.glidepath.departure;

import org.jspecify.annotations.NullMarked;
