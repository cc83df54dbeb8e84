/** The volumes of drained pods: which claims they had, and whether these are attached to the node still. */
@NullMarked
package dev.glidepath.drain.volume;

import org.jspecify.annotations.NullMarked;
