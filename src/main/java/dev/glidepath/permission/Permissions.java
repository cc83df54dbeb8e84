package dev.glidepath.permission;

import dev.glidepath.permission.Permission.Need;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The permissions that our role lacks, as the answers of AWS show them. Safe for use by many threads. */
public final class Permissions {
    /** Of more groups it is not remembered that they are denied, nor tried again: one is enough to know that a permission is missing. */
    private static final int PLACES_AT_MOST = 10;

    private final Consumer<Change> changes;
    private final Lock lock = new ReentrantLock();

    /** Guarded by the lock, under which changes are handed on as well: so they come in the order in which they happened. */
    private final Map<Permission, Missing> missing = new EnumMap<>(Permission.class);

    /** A permission turned out to be missing, or is granted again. */
    public sealed interface Change {
        /**
         * AWS denies requests for the lack of it.
         *
         * @param words which it is, what does not work without it, and the remedy
         */
        record Began(Permission permission, String words) implements Change {}

        /** AWS denies none any more. */
        record Ended(Permission permission) implements Change {}
    }

    private record Missing(String words, Set<String> places) {}

    /**
     * Knows of none that is missing.
     *
     * @param changes is handed each change once, not each attempt
     */
    public Permissions(Consumer<Change> changes) {
        this.changes = changes;
    }

    /**
     * AWS denied a request.
     *
     * @param place the queue or group of the request; empty where no policy can name one
     * @param words why, what does not work because of it, and the remedy
     */
    public void denied(Permission permission, String place, String words) {
        lock.lock();
        try {
            Missing known = missing.get(permission);
            if (known == null) {
                missing.put(permission, new Missing(words, new HashSet<>(Set.of(place))));
                changes.accept(new Change.Began(permission, words));
            } else if (known.places().size() < PLACES_AT_MOST) {
                known.places().add(place);
            }
        } finally {
            lock.unlock();
        }
    }

    /** AWS carried out a request, or refused it for a reason that has nothing to do with permissions. */
    public void granted(Permission permission, String place) {
        lock.lock();
        try {
            Missing known = missing.get(permission);
            if (known != null && known.places().remove(place) && known.places().isEmpty()) {
                missing.remove(permission);
                changes.accept(new Change.Ended(permission));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether it is missing for any queue or group. */
    public boolean isMissing(Permission permission) {
        return !placesWithout(permission).isEmpty();
    }

    /** The queues or groups for which it is missing. */
    public Set<String> placesWithout(Permission permission) {
        lock.lock();
        try {
            @Nullable Missing known = missing.get(permission);
            return known == null ? Set.of() : Set.copyOf(known.places());
        } finally {
            lock.unlock();
        }
    }

    /** The missing ones of this need, each in words. */
    public List<String> missing(Need need) {
        lock.lock();
        try {
            return missing.entrySet().stream()
                    .filter(entry -> entry.getKey().need() == need)
                    .map(entry -> entry.getValue().words())
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** How many are missing. */
    public int missing() {
        lock.lock();
        try {
            return missing.size();
        } finally {
            lock.unlock();
        }
    }
}
