package dev.glidepath.points;

/**
 * A request of a departure that changes something, found again in another run of the same departure: requests that do not depend on each other
 * come in another order each time, and names of pods differ.
 *
 * @param request what is asked, such as {@code evict}
 * @param object what it is asked of: the name of a node, a workload, a hook
 * @param number of this request of this object, from 1 on
 */
record Point(String request, String object, int number) implements Comparable<Point> {
    @Override
    public String toString() {
        return "%s %s %d".formatted(request, object, number);
    }

    @Override
    public int compareTo(Point other) {
        return toString().compareTo(other.toString());
    }
}
