/**
 * What a departure reports, as data: each thing once, when it begins or changes.
 *
 * <pre>
 *   snapshot, decision --+                      +-- log event, text, fields
 *                        +--&gt; Story --Entry--&gt; Publisher
 *   action, outcome -----+                      +-- counts, Kubernetes event
 *
 *   Story       what entries follow from a decision, and from the outcome of an action
 *     StageChanges        node awaited, drain started and finished, departure settled      DrainSummary
 *     HeldPods            pods that stay for a budget, a refusal, or an eviction without effect
 *     LeftHooks           lifecycle hooks that are not completed, and why
 *     UnreadableJournal   what becomes of a node whose journal cannot be read
 *     Successes           what an action has changed
 *     Troubles            actions that fail again and again
 *     Identity            the fields that every entry has: instance, node, kind, departure
 * </pre>
 *
 * No I/O, no logger, no clock, no thread: times are passed in, and the loop of one departure alone calls a {@code Story}. What is
 * one for all departures, such as a missing permission, is passed in as well. Metrics, notifications and pages are made from
 * entries, by a {@code Publisher}; none of them asks a departure. More than twelve files, as each thing that is reported
 * once has a class that remembers it, and an entry is made of small records.
 */
@NullMarked
package dev.glidepath.departure.story;

import org.jspecify.annotations.NullMarked;
