package dev.glidepath.cluster;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Selects objects by their labels. All requirements must hold; none at all selects everything.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements">Set-based
 *     requirements</a>
 */
public record LabelSelector(List<Requirement> requirements) {

    public LabelSelector {
        requirements = List.copyOf(requirements);
    }

    /** What must hold for one label; its text is what {@code kubectl --selector} reads. */
    public sealed interface Requirement {
        /** The label's key. */
        String key();

        /** It is there, with one of these values. */
        record In(String key, Set<String> values) implements Requirement {
            public In {
                values = Set.copyOf(values);
            }

            @Override
            public String toString() {
                return values.size() == 1 ? key + "=" + values.iterator().next() : key + " in " + list(values);
            }
        }

        /** It is not there, or has none of these values. */
        record NotIn(String key, Set<String> values) implements Requirement {
            public NotIn {
                values = Set.copyOf(values);
            }

            @Override
            public String toString() {
                return values.size() == 1 ? key + "!=" + values.iterator().next() : key + " notin " + list(values);
            }
        }

        /** It is there. */
        record Exists(String key) implements Requirement {
            @Override
            public String toString() {
                return key;
            }
        }

        /** It is not there. */
        record DoesNotExist(String key) implements Requirement {
            @Override
            public String toString() {
                return "!" + key;
            }
        }

        private static String list(Set<String> values) {
            return "(" + String.join(",", new TreeSet<>(values)) + ")";
        }
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
