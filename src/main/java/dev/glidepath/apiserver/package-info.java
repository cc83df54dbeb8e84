/**
 * The API server, asked directly: each request is one request, and each answer is seen. fabric8's client gives its configuration and
 * its credentials, and none of its models; the JDK's sends.
 *
 * <pre>
 *   ApiServer --> Transport --streams--> ConnectionPool (requests | watches) --> Connection: one HTTP/2 connection, probed when silent
 *       \--streams that end when they fall silent--> Watch (list, watch, go on) --> ReducedInformer: all of a kind
 *                                                                          \--> drain.pod.PodsOnNode: those on one node
 * </pre>
 *
 * What a watch reads is JSON, or Protobuf where there is much of it: {@code apiserver.encoding} makes the same tree of both, of those
 * fields alone that somebody reads.
 */
@NullMarked
package dev.glidepath.apiserver;

import org.jspecify.annotations.NullMarked;
