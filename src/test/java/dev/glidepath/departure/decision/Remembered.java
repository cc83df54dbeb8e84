package dev.glidepath.departure.decision;

import dev.glidepath.departure.snapshot.Attempts;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.stream.Stream;

/** What was tried, as a value: equal to another that remembers the same in each of its fields, whichever there are. */
final class Remembered {
    private static final List<Field> FIELDS = Stream.of(Attempts.class.getDeclaredFields())
            .filter(field -> !Modifier.isStatic(field.getModifiers()))
            .peek(field -> field.setAccessible(true))
            .toList();

    static final Remembered NOTHING = new Remembered(Attempts.none());

    private final Attempts attempts;
    private final List<Object> fields;
    private final int hash;

    Remembered(Attempts attempts) {
        this.attempts = attempts;
        this.fields = FIELDS.stream().map(field -> read(field, attempts)).toList();
        this.hash = fields.hashCode();
    }

    Attempts attempts() {
        return attempts;
    }

    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof Remembered that && hash == that.hash && fields.equals(that.fields));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    private static Object read(Field field, Attempts attempts) {
        try {
            return field.get(attempts);
        } catch (IllegalAccessException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
