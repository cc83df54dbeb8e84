package dev.glidepath.drain.gate;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** The share of each namespace and kind of request, kept while it matters. Guarded by the gate's lock. */
final class Shares {
    private final int mostInFlight;
    private final Map<Share.Key, Share> shares = new HashMap<>();

    Shares(int mostInFlight) {
        this.mostInFlight = mostInFlight;
    }

    Share of(Ticket ticket) {
        return shares.computeIfAbsent(ticket.share(), _ -> new Share(mostInFlight));
    }

    /** Frees the place that a granted entry took of its share. */
    void free(Ticket ticket, Instant now) {
        Share share = of(ticket);
        if (!ticket.isInVain()) {
            share.freed();
        }
        if (share.isForgettable(now)) {
            shares.remove(ticket.share());
        }
    }

    /** Forgets those that do not matter any more. */
    void forgetIdle(Instant now) {
        shares.values().removeIf(share -> share.isForgettable(now));
    }
}
