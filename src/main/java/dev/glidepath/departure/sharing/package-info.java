/**
 * What all departures share: what goes first, what waits, and how much is done at once.
 *
 * <pre>
 *   notices together   Burst                     no drain begins before all its nodes are cordoned
 *   looks              Admission, Pace           a few at once, those that may have to cordon first
 *   lists of pods      PodLists, PodRoom         as many nodes as there is memory for their pods
 *   evictions          EvictionBacklog           how long those due take, so that last calls come in time
 *   need               VoluntaryDisruptionLimit  nothing goes without need while too many nodes are lost
 *   hooks              HookWaits                 how many departures wait for nothing but a hook
 * </pre>
 *
 * Nothing here knows what a departure is, decides or sends.
 */
@NullMarked
package dev.glidepath.departure.sharing;

import org.jspecify.annotations.NullMarked;
