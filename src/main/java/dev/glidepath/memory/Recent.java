package dev.glidepath.memory;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A map of bounded size. When it is full, the entry goes that was put in first, but each that was asked for since has a second
 * chance: what is asked for again and again stays, as long as most of the others are not.
 *
 * <p>May be used by any thread. Who asks takes no lock: thousands of threads may ask at the same time, and none of them keeps
 * another from what must not be late.
 *
 * @see <a href="https://en.wikipedia.org/wiki/Page_replacement_algorithm#Second-chance">Second chance</a>
 */
public final class Recent<K, V> {
    private final int most;
    private final Map<K, Entry<V>> entries = new ConcurrentHashMap<>();

    /** Guards the order, and each change of the entries. */
    private final Lock lock = new ReentrantLock();

    private final SequencedSet<K> order = new LinkedHashSet<>();

    private static final class Entry<V> {
        private final V value;
        private volatile boolean asked;

        Entry(V value) {
            this.value = value;
        }

        V ask() {
            if (!asked) {
                asked = true;
            }
            return value;
        }
    }

    /**
     * @param most how many entries it has at most, 1 or more
     */
    public Recent(int most) {
        this.most = most;
    }

    /** What is known by this key; that keeps it from being forgotten for a while. */
    public Optional<V> get(K key) {
        return Optional.ofNullable(entries.get(key)).map(Entry::ask);
    }

    /** Whether something is known by this key. */
    public boolean contains(K key) {
        return entries.containsKey(key);
    }

    /** All values there are. */
    public Collection<V> values() {
        return entries.values().stream().map(entry -> entry.value).toList();
    }

    /** Puts it in, as the latest. */
    public void put(K key, V value) {
        merge(key, value, (_, latest) -> latest);
    }

    /**
     * Puts in, as the latest, what becomes of this value and the one there is, if there is one.
     *
     * @param both is given the one there is and this one; be brief
     */
    public void merge(K key, V value, BinaryOperator<V> both) {
        lock.lock();
        try {
            Entry<V> before = entries.get(key);
            Entry<V> latest = new Entry<>(before == null ? value : both.apply(before.value, value));
            order.remove(key);
            makeRoom();
            entries.put(key, latest);
            order.addLast(key);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Puts it in, as the latest, unless something is known by this key. That is not asking: where nothing is asked in another way,
     * what was put in first goes first.
     *
     * @return what was known; empty where nothing was, and this is known from now on
     */
    public Optional<V> putIfAbsent(K key, V value) {
        lock.lock();
        try {
            Entry<V> known = entries.get(key);
            if (known == null) {
                put(key, value);
                return Optional.empty();
            }
            return Optional.of(known.value);
        } finally {
            lock.unlock();
        }
    }

    /**
     * What is known by this key; if nothing is, this is put in.
     *
     * @param value is asked for it; be brief
     */
    public V getOrPut(K key, Supplier<V> value) {
        lock.lock();
        try {
            Optional<V> known = get(key);
            if (known.isPresent()) {
                return known.get();
            }
            V made = value.get();
            put(key, made);
            return made;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets what is known by this key, if anything is. */
    public void remove(K key) {
        removeIf(key, _ -> true);
    }

    /**
     * Forgets what is known by this key, if it is like that.
     *
     * @param like is given what is known; be brief
     */
    public void removeIf(K key, Predicate<V> like) {
        lock.lock();
        try {
            Entry<V> known = entries.get(key);
            if (known != null && like.test(known.value)) {
                entries.remove(key);
                order.remove(key);
            }
        } finally {
            lock.unlock();
        }
    }

    private void makeRoom() {
        int chances = order.size();
        while (order.size() >= most) {
            K oldest = order.removeFirst();
            Entry<V> entry = entries.get(oldest);
            if (entry != null && entry.asked && chances-- > 0) {
                entry.asked = false;
                order.addLast(oldest);
            } else {
                entries.remove(oldest);
            }
        }
    }
}
