package dev.glidepath.doctor.cluster;

import java.util.List;

/** Names in a sentence. */
final class Names {
    private Names() {}

    /** The first few, and how many more there are. */
    static String some(List<String> names, int most) {
        String few = String.join(", ", names.subList(0, Math.min(most, names.size())));
        return names.size() <= most ? few : "%s and %d more".formatted(few, names.size() - most);
    }
}
