/**
 * Disturbs each request of a departure, one run after the other, and compares the end with that of a run that nothing disturbed. The daemon is a
 * process of its own on a real control plane. {@code make points}; a launcher beside the tests, no part of the program. The same in the
 * simulation, for every kind of departure, is {@code PointsTest}.
 *
 * <pre>
 *   Points --RecordedDeparture, Point, Disturbance--> Trial (eight side by side, each with its own TestSetup and daemon)
 *                                                       |
 *      daemon --FaultProxy, one each--> API server, Auto Scaling, queue
 *                    |
 *               Requests names the request --> Disturber lets the disturbance happen at the one that is asked for
 *                                                       |
 *      KeptRuns: one line for each run <-- Verdict <-- End: what is left of it
 * </pre>
 */
@NullMarked
package dev.glidepath.points;

import org.jspecify.annotations.NullMarked;
