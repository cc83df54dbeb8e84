/**
 * Glidepath: a message comes in, a node goes away in good order.
 *
 * <pre>
 *   SQS --> queue --> event --> node --> departure --> drain --> lifecycle --> queue
 *          receive   decode   which     merge,        evict,    heartbeat,    delete
 *                             node?     journal,      wait      complete
 *                                       decide
 * </pre>
 */
@NullMarked
package dev.glidepath;

import org.jspecify.annotations.NullMarked;
