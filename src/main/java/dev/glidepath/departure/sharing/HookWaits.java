package dev.glidepath.departure.sharing;

import dev.glidepath.event.InstanceId;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The departures that wait for nothing but a lifecycle hook: for the node of an instance that is launched, or for a completion
 * that is denied. They are counted apart from those that work, so that no number of them keeps the others out; and so that they
 * do not fill the memory, no more are kept than {@value #MOST}.
 */
public final class HookWaits {
    private static final int MOST = 4_000;

    private final Set<InstanceId> waiting = ConcurrentHashMap.newKeySet();

    /** This one waits, or does so no more. */
    public void waits(InstanceId instance, boolean waits) {
        if (waits) {
            waiting.add(instance);
        } else {
            waiting.remove(instance);
        }
    }

    /** Whether no more are kept. */
    public boolean areFull() {
        return waiting.size() >= MOST;
    }

    /** Whether there are more than are kept. */
    public boolean areTooMany() {
        return waiting.size() > MOST;
    }
}
