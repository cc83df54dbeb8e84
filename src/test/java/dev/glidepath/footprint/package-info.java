/**
 * How big the program is, how quickly it is at work and how much memory it takes, native beside the JVM: {@code make footprint}. A
 * launcher beside the tests, no part of the program.
 */
@NullMarked
package dev.glidepath.footprint;

import org.jspecify.annotations.NullMarked;
