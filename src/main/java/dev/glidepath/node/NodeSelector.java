package dev.glidepath.node;

import dev.glidepath.cluster.LabelSelector;
import dev.glidepath.cluster.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which nodes may be touched, by their labels: those of which all requirements hold, or every node where there are none.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors">Label selectors</a>
 */
public record NodeSelector(LabelSelector selector) {
    private static final String NAME = "[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?";
    private static final String DNS_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
    private static final String KEY = "(?:(?=[^/]{1,253}/)" + DNS_LABEL + "(?:\\." + DNS_LABEL + ")*/)?" + NAME;

    private static final Pattern LABEL_KEY = Pattern.compile(KEY);
    private static final Pattern VALUE = Pattern.compile("(?:" + NAME + ")?");
    private static final Pattern PRESENCE = Pattern.compile("(!?)\\s*(" + KEY + ")");
    private static final Pattern COMPARISON = Pattern.compile("(" + KEY + ")\\s*(==|=|!=)([^=]*)");
    private static final Pattern MEMBERSHIP = Pattern.compile("(" + KEY + ")\\s+(in|notin)\\s*\\(([^()]*)\\)");

    /** A comma that is not inside parentheses. */
    private static final Pattern BETWEEN_REQUIREMENTS = Pattern.compile(",(?![^(]*\\))");

    /** Its requirements sorted by key, each of them once. */
    public NodeSelector {
        selector = new LabelSelector(selector.requirements().stream()
                .distinct()
                .sorted(Comparator.comparing(Requirement::key).thenComparing(Requirement::toString))
                .toList());
    }

    /** Every node. */
    public static NodeSelector all() {
        return new NodeSelector(new LabelSelector(List.of()));
    }

    /**
     * Reads what {@code kubectl --selector} does: {@code a=b}, {@code a==b}, {@code a!=b}, {@code a in (x,y)}, {@code a notin
     * (x)}, {@code a}, {@code !a}, all of which must hold where there are commas between them. Nothing selects every node. Empty
     * where the text is no selector.
     */
    public static Optional<NodeSelector> parse(String text) {
        if (text.isBlank()) {
            return Optional.of(all());
        }
        List<Requirement> requirements = new ArrayList<>();
        for (String part : BETWEEN_REQUIREMENTS.split(text, -1)) {
            Optional<Requirement> requirement = requirement(part.strip());
            if (requirement.isEmpty()) {
                return Optional.empty();
            }
            requirements.add(requirement.get());
        }
        return Optional.of(new NodeSelector(new LabelSelector(requirements)));
    }

    /**
     * Whether the text is the key of a label.
     *
     * @see <a href="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set">Their
     *     syntax</a>
     */
    public static boolean isLabelKey(String text) {
        return LABEL_KEY.matcher(text).matches();
    }

    /** Whether a node with these labels is among them. */
    public boolean selects(Map<String, String> labels) {
        return selector.matches(labels);
    }

    /** The same for all texts that say the same, and one that can be read again. */
    @Override
    public String toString() {
        return selector.requirements().stream().map(Requirement::toString).collect(Collectors.joining(","));
    }

    private static Optional<Requirement> requirement(String text) {
        Matcher presence = PRESENCE.matcher(text);
        if (presence.matches()) {
            String key = presence.group(2);
            return Optional.of(
                    presence.group(1).isEmpty() ? new Requirement.Exists(key) : new Requirement.DoesNotExist(key));
        }
        Matcher comparison = COMPARISON.matcher(text);
        if (comparison.matches()) {
            return oneOf(comparison.group(1), !comparison.group(2).equals("!="), comparison.group(3));
        }
        Matcher membership = MEMBERSHIP.matcher(text);
        return membership.matches()
                ? oneOf(membership.group(1), membership.group(2).equals("in"), membership.group(3))
                : Optional.empty();
    }

    private static Optional<Requirement> oneOf(String key, boolean wanted, String list) {
        Set<String> values = new TreeSet<>();
        for (String value : list.split(",", -1)) {
            if (!VALUE.matcher(value.strip()).matches()) {
                return Optional.empty();
            }
            values.add(value.strip());
        }
        return Optional.of(wanted ? new Requirement.In(key, values) : new Requirement.NotIn(key, values));
    }
}
