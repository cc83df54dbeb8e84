package dev.glidepath.departure.story;

import dev.glidepath.event.LifecycleAction;
import dev.glidepath.observe.Field;
import java.util.EnumMap;
import java.util.Map;

/** The fields of an entry about a lifecycle action: never its token. */
final class HookFields {
    private HookFields() {}

    static Map<Field, Object> of(LifecycleAction action) {
        return new EnumMap<>(Map.of(Field.HOOK, action.hook(), Field.GROUP, action.group()));
    }

    /** With one field more. */
    static Map<Field, Object> of(LifecycleAction action, Field field, Object value) {
        Map<Field, Object> fields = of(action);
        fields.put(field, value);
        return fields;
    }
}
