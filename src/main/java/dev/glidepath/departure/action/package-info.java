/**
 * What can come out of a decision: the actions to start now, how far the departure is, and what it has come to.
 *
 * <pre>
 *   Decision = Stage + Actions + HeldEvictions + LeftHooks + when to look again        Outcome = what came of an Action
 * </pre>
 *
 * Plain data: nothing here decides, and nothing here knows what a decision is made from.
 */
@NullMarked
package dev.glidepath.departure.action;

import org.jspecify.annotations.NullMarked;
