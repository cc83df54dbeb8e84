/**
 * The real counterparts Glidepath is tested against and demonstrated on: a control plane, a queue, Auto Scaling.
 *
 * <pre>
 *   lab/build --> Binaries --> ControlPlane: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok
 *                                  |                                       (Children: they die with this JVM)
 *                                  +-- TestCluster --> nodes, workloads, budgets of one test
 *                                  +-- AuditLog    --> who asked for what, and what the answer was
 *                                  +-- FaultProxy  --> the same API server, with what a test wants to go wrong; its watches pass
 *                                  |                   through a Valve
 *                                  +-- SilentProxy --> the same API server, over a network that falls silent or is cut
 *
 *   AutoScalingStandIn --lifecycle message--> TestQueue --SQS protocol--> the code under test
 *            ^                                                                  |
 *            +---------------------- Query protocol ----------------------------+
 *   Announcement: what else AWS says, as a text      SqsFront: the same queue, as moody as SQS is
 * </pre>
 *
 * Evictions, budgets, scheduling, garbage collection and RBAC are Kubernetes' own; kwok plays the kubelets: a pod is Ready and
 * ends when its workload says so. One control plane serves a whole test run; each test has a namespace and nodes of its own.
 * Everything listens on free loopback ports, speaks the real protocol to the real client, and remembers what it was told, so
 * that tests assert on what the world looks like afterwards.
 */
@NullMarked
package dev.glidepath.lab;

import org.jspecify.annotations.NullMarked;
