/**
 * The API server, asked directly where the client's own calls would cost an extra request, hide an answer or keep a model:
 * patches, evictions, deletions, streamed lists and watches. Everything else goes through the client, whose informers keep the
 * gist of each object here and no model.
 */
@NullMarked
package dev.glidepath.apiserver;

import org.jspecify.annotations.NullMarked;
