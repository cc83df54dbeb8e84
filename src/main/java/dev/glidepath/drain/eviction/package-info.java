/** Evictions: one thin call, every answer an outcome of its own, and the gate that grants them. */
@NullMarked
package dev.glidepath.drain.eviction;

import org.jspecify.annotations.NullMarked;
