/**
 * A real Kubernetes control plane for tests and for the demo; only the machines are played.
 *
 * <pre>
 *   lab/build --> Binaries --> ControlPlane: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok
 *                                  |                                       (Children: they die with this JVM)
 *                                  +-- TestCluster --> nodes, workloads, budgets of one test
 *                                  +-- AuditLog    --> who asked for what, and what the answer was
 * </pre>
 *
 * Evictions, budgets, scheduling, garbage collection and RBAC are Kubernetes' own. kwok plays the kubelets: a pod is Ready
 * and ends when its workload says so. One control plane serves a whole test run; each test has a namespace and nodes of its own.
 */
@NullMarked
package dev.glidepath.lab;

import org.jspecify.annotations.NullMarked;
