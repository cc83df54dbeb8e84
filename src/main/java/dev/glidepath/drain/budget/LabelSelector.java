package dev.glidepath.drain.budget;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Selects by labels. All requirements must hold; none at all selects everything.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements">Set-based
 *     requirements</a>
 */
public record LabelSelector(List<Requirement> requirements) {

    public LabelSelector {
        requirements = List.copyOf(requirements);
    }

    /** What must hold of one label. */
    public sealed interface Requirement {
        /** The label's key. */
        String key();

        /** It is there, with one of these values. */
        record In(String key, Set<String> values) implements Requirement {
            public In {
                values = Set.copyOf(values);
            }
        }

        /** It is not there, or has none of these values. */
        record NotIn(String key, Set<String> values) implements Requirement {
            public NotIn {
                values = Set.copyOf(values);
            }
        }

        /** It is there. */
        record Exists(String key) implements Requirement {}

        /** It is not there. */
        record DoesNotExist(String key) implements Requirement {}
    }

    /** Whether these labels are selected. */
    public boolean matches(Map<String, String> labels) {
        for (Requirement requirement : requirements) {
            if (!holds(requirement, labels)) {
                return false;
            }
        }
        return true;
    }

    private static boolean holds(Requirement requirement, Map<String, String> labels) {
        return switch (requirement) {
            case Requirement.In(String key, Set<String> values) ->
                labels.containsKey(key) && values.contains(labels.get(key));
            case Requirement.NotIn(String key, Set<String> values) ->
                !labels.containsKey(key) || !values.contains(labels.get(key));
            case Requirement.Exists(String key) -> labels.containsKey(key);
            case Requirement.DoesNotExist(String key) -> !labels.containsKey(key);
        };
    }
}
