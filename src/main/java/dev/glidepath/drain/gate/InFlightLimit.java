package dev.glidepath.drain.gate;

/**
 * How many requests may be in flight at once: halved when the API server is overloaded, grown by one for as many good
 * answers as it allows. Requests that were under way when it was halved say what was so before, so they do not halve it
 * again. Guarded by the gate's lock.
 *
 * @see <a href="https://en.wikipedia.org/wiki/Additive_increase/multiplicative_decrease">Additive increase, multiplicative
 *     decrease</a>
 */
final class InFlightLimit {
    private final int most;
    private double limit;
    private long lastAtHalving;

    InFlightLimit(int most) {
        this.most = most;
        this.limit = most;
    }

    boolean allows(int inFlight) {
        return inFlight < (int) limit;
    }

    void answered() {
        limit = Math.min(most, limit + 1 / limit);
    }

    /**
     * @param grant the number of the request that met the overload
     * @param latest the number of the latest one granted
     */
    void overloaded(long grant, long latest) {
        if (grant > lastAtHalving) {
            limit = Math.max(1, limit / 2);
            lastAtHalving = latest;
        }
    }
}
