/**
 * Which node an instance is, and everything that is ever written to it.
 *
 * <pre>
 *   instance id --Nodes--> Present | Gone | NeverSeen
 *   node + Journal --NodePatch--> one JSON patch --NodeWriter--> cordoned, tainted, journaled; undone; out of service, and back
 *   node --KubeletLeases--> when its kubelet last renewed
 * </pre>
 *
 * No other package writes Node objects. Finding a node costs no call: an informer keeps the gist of them, by instance.
 * What we change on a node stands in its journal, so that only that can be undone.
 *
 * <p>More than twelve files, because each value and outcome is a record of its own, and the journal, which every patch reads and
 * writes, has five.
 */
@NullMarked
package dev.glidepath.node;

import org.jspecify.annotations.NullMarked;
