/**
 * The pods on a departing node: listed and watched raw, each reduced to a small record of our own while its JSON is parsed. What
 * a namespace wishes for its pods is known from an informer.
 */
@NullMarked
package dev.glidepath.drain.pod;

import org.jspecify.annotations.NullMarked;
