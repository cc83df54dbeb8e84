/**
 * What decides: one pure question, asked again whenever something changed.
 *
 * <pre>
 *   Decision decide(Snapshot snapshot, Policy policy, Instant now)
 *
 *   Decider            takes a course, completes launches, deletes messages or hands them back    Launches, Keeping
 *     AbsentNode         no node: waits for it to join, or concludes that it is gone              Joining
 *     NodeCourse         whose departure it is, and whether it is time                            NoticeScreening, Causes, Due
 *       UnderWay           cordon and journal, drain, complete the hooks, settle                  Deadlines, Siblings
 *         DrainCourse        until the pods are gone, or the deadline comes                       DrainReporter
 *           EvictionOrder      which pods are asked now                        BudgetedEvictions, PodRequests, PodsRemaining
 *         InstanceOff        nothing to drain: the instance is off                                NodeHealth
 *       AtRest             planned, withdrawn, lapsed, back, survived, or settled                 NodeHealth
 *     Hooks              heartbeats, then one completion; for all of them                          KnownHook
 *   PendingActions     what all of them request, in one place
 * </pre>
 *
 * Questions (claims, look-ups, nouns) change nothing. Commands are verbs: they put actions and timers into
 * {@link dev.glidepath.departure.decision.PendingActions}, and return {@code Progress} where the caller needs it. A test keeps that for
 * constructors and for methods that begin with is, are, has, have, had, was, were, may or can; for all others it is a convention.
 *
 * <p>No I/O, no clock, no thread: whole departures are played on a simulated clock. What a departure is follows from what can be seen,
 * so a restart has nothing to restore.
 *
 * <p>More than twelve files, as one decision is made here and its parts are not seen from outside: public are
 * {@link dev.glidepath.departure.decision.Decider}, what brings the decisions for several nodes together
 * ({@link dev.glidepath.departure.decision.Agreement}), and what a notice means
 * ({@link dev.glidepath.departure.decision.Causes}).
 */
@NullMarked
package dev.glidepath.departure.decision;

import org.jspecify.annotations.NullMarked;
