/**
 * Speaks to Auto Scaling about an instance that one of its lifecycle hooks holds.
 *
 * <pre>
 *   LifecycleAction --heartbeat--> the hook waits on     --> HookOutcome
 *                   --complete---> the hook lets it go   --> HookOutcome
 *                   --describe---> how long, whose       --> HookLookup
 * </pre>
 *
 * The only caller of the Auto Scaling API. Each call asks once and never throws: what came of it is a value, and whether and
 * when to try again is the caller's to decide. Calling any of them twice is safe. Whoever calls should be on a virtual thread:
 * only there does a time limit or an interrupt end a request at once. At most sixteen requests are under way at once, for all. SDK types and tokens stay in here.
 *
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html">Lifecycle hooks</a>
 */
@NullMarked
package dev.glidepath.lifecycle;

import org.jspecify.annotations.NullMarked;
