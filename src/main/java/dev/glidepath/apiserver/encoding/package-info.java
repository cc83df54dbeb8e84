/**
 * How objects are written that are listed and watched, and what is read of them.
 *
 * <pre>
 *   Resource: path, fields that are read ──▶ Encoding: readList, events ──▶ JsonNode
 *                                             ├─ JsonEncoding ──▶ Projection skips the other fields
 *                                             └─ ProtobufEncoding ──▶ MessageReader ──▶ WireReader
 *                                                                        └─ KubernetesMessages: the numbers of fields
 * </pre>
 *
 * <p>The same tree is made of both. Nothing here sends a request: a body comes in as a stream.
 */
@NullMarked
package dev.glidepath.apiserver.encoding;

import org.jspecify.annotations.NullMarked;
