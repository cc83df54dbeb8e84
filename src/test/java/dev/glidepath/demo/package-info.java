/**
 * The main job, told in front of one's eyes: {@code make demo}.
 *
 * <pre>
 *   Scenery: three nodes, four workloads --+
 *   Demo: puts two notices into the queue  |
 *                                          v
 *   the daemon's own log ------------+
 *   PodWatch: the cluster's pods ----+--> Story: sentences --> Timeline: in order, since the notice --> Screen
 *   Auto Scaling's side of the hook -+                                                                    ^
 *                                    +--> Outcome: a row a node, and every promise checked --> Table -----+
 * </pre>
 *
 * Everything in it is real but the machines: a control plane with its own scheduler, budgets and evictions, a queue that speaks SQS, the
 * daemon as a process of its own. What is told was seen, what is claimed was checked. A launcher beside the tests, no part of the program.
 */
@NullMarked
package dev.glidepath.demo;

import org.jspecify.annotations.NullMarked;
