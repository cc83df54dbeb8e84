/** What is to become of each pod, and why (pure): in which wave, from when, until when its budgets are honoured, and what
 * happens then. */
@NullMarked
package dev.glidepath.drain.plan;

import org.jspecify.annotations.NullMarked;
