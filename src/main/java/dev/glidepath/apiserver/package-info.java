/**
 * The API server, asked directly: each request is one request, and each answer is seen. fabric8's client gives its configuration and
 * its credentials, and none of its models; the JDK's sends.
 *
 * <pre>
 *   ApiServer --> Transport --streams--> ConnectionPool (requests | watches) --> Connection: one HTTP/2 connection, probed when silent
 *       \--Body: a stream that ends when it falls silent--> apiserver.watch
 * </pre>
 *
 * {@code apiserver.encoding}, which knows no other package, makes the same tree of JSON and Protobuf; {@code apiserver.watch} lists and
 * watches objects, with both.
 */
@NullMarked
package dev.glidepath.apiserver;

import org.jspecify.annotations.NullMarked;
