/**
 * Says that this replica lives, and knows which others do.
 *
 * <pre>
 *   Replica --every 5 s--> its Lease (holder, time, hooks owed) --watch--> Replicas --> when is a claim free? whose hook was it?
 *           --> until when may we act?                            dead ones: list copied, then deleted
 * </pre>
 *
 * A claim is a holder's name in a node's journal; it stands for as long as that holder's Lease is renewed. A holder stops acting
 * 10 s after its last renewal by its own clock, the others begin 15 s after they last saw one by theirs: nobody's clock is
 * compared with another's. A thousand departures write no more Leases than one.
 */
@NullMarked
package dev.glidepath.replica;

import org.jspecify.annotations.NullMarked;
