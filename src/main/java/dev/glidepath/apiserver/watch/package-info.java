/**
 * Objects of one kind, listed and then watched: the only way in which anything is watched.
 *
 * <pre>
 *   ApiServer --list, watch--> Watch (goes on where the last one ended) --> ReducedInformer: all of a kind
 *          PagedList: reads a list   |                                  \--> drain.pod.PodsOnNode: those on one node
 *                                    +-- ListDemand: callers that wait for a new list
 *                                    +-- WatchPauses: after failures
 * </pre>
 *
 * <p>Each object is reduced while it is parsed. A watch ends only when it is closed: what fails is tried again, with pauses.
 */
@NullMarked
package dev.glidepath.apiserver.watch;

import org.jspecify.annotations.NullMarked;
