/**
 * Glidepath: a message comes in, a node goes away in good order.
 *
 * <pre>
 *   SQS --> queue --> event --> node --> departure --> drain --> lifecycle --> queue
 *          receive   decode   which     merge,        evict,    heartbeat,    delete
 *                             node?     journal,      wait      complete
 *                                       decide
 * </pre>
 *
 * <p>More than twelve files: what starts the program, what it is made of, and what is watched from its start to its end, which belongs to
 * none of the steps.
 */
@NullMarked
package dev.glidepath;

import org.jspecify.annotations.NullMarked;
