/** PodDisruptionBudgets: which cover a pod, and whether they have room. Watched, never polled. */
@NullMarked
package dev.glidepath.drain.budget;

import org.jspecify.annotations.NullMarked;
