/** The images: what their Dockerfiles say, built without an engine, and looked at. */
@NullMarked
package dev.glidepath.container;

import org.jspecify.annotations.NullMarked;
