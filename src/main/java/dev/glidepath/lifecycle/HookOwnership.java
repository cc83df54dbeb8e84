package dev.glidepath.lifecycle;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Which hooks are ours to heartbeat and to complete. Rules of EventBridge tell of every hook in the account, and completing
 * another's ends his instance before he is done with it.
 *
 * <p>A list is the whole answer. Without one ours is a hook that is named {@code glidepath…}, or marked so by its notification
 * metadata; that told us itself; that notifies our queue; or that is the only one to hold the terminating instances of its group
 * and notify nobody. One that holds launching instances is never ours for being the only one: instances complete such hooks
 * themselves.
 *
 * <p>A hook that notifies a topic may tell us itself, if the topic feeds our queue: while that may yet be, neither it nor the only one
 * that notifies nobody is known to be ours or not.
 *
 * @param names hooks that are ours, whatever they notify, and the only ones; empty where nobody listed any
 * @param groupGlobs groups whose hooks are ours even where the instance is no node of this cluster; {@code *} stands for any
 *     characters, {@code ?} for one
 * @param queueArn our queue's; empty as long as it is not known
 */
public record HookOwnership(Set<String> names, List<String> groupGlobs, Optional<String> queueArn) {

    /** What the names and the metadata of our hooks begin with, in any case. */
    private static final String OUR_MARK = "glidepath";

    private static final Predicate<String> IS_A_QUEUE =
            Pattern.compile("arn:[^:]*:sqs:.*").asMatchPredicate();

    public HookOwnership {
        names = Set.copyOf(names);
        groupGlobs = List.copyOf(groupGlobs);
    }

    /** Whose a hook is. */
    public enum Verdict {
        OURS,
        /** Never to be touched. */
        NOT_OURS,
        /** Not to be touched until more is known: the group's hooks, or which queue is ours. */
        UNKNOWN,
        /** All is known, and nothing of it tells whose it is: not to be touched. */
        UNDECIDED
    }

    /**
     * The hooks of a group that told us themselves, by our queue or a topic that feeds it, rather than a rule of EventBridge.
     *
     * @param mayBeMore whether others that would have told us may still do so
     */
    public record Told(Set<String> hooks, boolean mayBeMore) {
        /** None has, or will. */
        public static final Told BY_NONE = new Told(Set.of(), false);

        public Told {
            hooks = Set.copyOf(hooks);
        }
    }

    /** Whether the group's hooks are ours even where the instance is no node of this cluster. */
    public boolean isOfOurGroups(String group) {
        return groupGlobs.stream().anyMatch(glob -> matches(glob, group));
    }

    /**
     * Whose a hook is.
     *
     * @param told which hooks of its group told us themselves
     * @param group all hooks of its group, as {@link HookLookup.Found} has them; empty as long as they are not known
     */
    public Verdict of(String hook, Told told, Optional<List<GroupHook>> group) {
        if (isOfEks(hook)) {
            return Verdict.NOT_OURS;
        }
        if (!names.isEmpty()) {
            return names.contains(hook) ? Verdict.OURS : Verdict.NOT_OURS;
        }
        if (told.hooks().contains(hook) || isMarked(hook)) {
            return Verdict.OURS;
        }
        return group.map(all -> among(all, hook, told)).orElse(Verdict.UNKNOWN);
    }

    /**
     * Whether the hook is one that EKS puts on the groups of its managed node groups, for itself.
     *
     * @see <a href="https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html">Managed node groups</a>
     */
    public static boolean isOfEks(String hook) {
        return hook.endsWith("-LC-Hook");
    }

    private Verdict among(List<GroupHook> group, String name, Told told) {
        return group.stream()
                .filter(hook -> hook.name().equals(name))
                .findFirst()
                .map(hook -> among(group, hook, told))
                .orElse(Verdict.UNKNOWN);
    }

    private Verdict among(List<GroupHook> group, GroupHook hook, Told told) {
        if (isKnownToBeOurs(hook, told)) {
            return Verdict.OURS;
        }
        if (!hook.notificationTarget().isEmpty()) {
            return mayTurnOutToBeOurs(hook, told) ? Verdict.UNKNOWN : Verdict.NOT_OURS;
        }
        List<GroupHook> others = group.stream()
                .filter(other -> other.terminating() == hook.terminating() && !other.equals(hook))
                .toList();
        if (others.stream().anyMatch(other -> isKnownToBeOurs(other, told))) {
            return Verdict.NOT_OURS; // whoever marked that one did not mark this one
        }
        boolean isTheOnlyOne = others.stream()
                .allMatch(other ->
                        isOfEks(other.name()) || !other.notificationTarget().isEmpty());
        if (!hook.terminating() || !isTheOnlyOne) {
            return Verdict.UNDECIDED;
        }
        return others.stream().anyMatch(other -> mayTurnOutToBeOurs(other, told)) ? Verdict.UNKNOWN : Verdict.OURS;
    }

    private boolean isKnownToBeOurs(GroupHook hook, Told told) {
        return !isOfEks(hook.name())
                && (told.hooks().contains(hook.name())
                        || isMarked(hook.name())
                        || isMarked(hook.metadata())
                        || queueArn.filter(hook.notificationTarget()::equals).isPresent());
    }

    /** Whether it may yet turn out to be ours: a queue once it is known which is ours, a topic once it has told us. */
    private boolean mayTurnOutToBeOurs(GroupHook hook, Told told) {
        String target = hook.notificationTarget();
        boolean mayNotifyUs = IS_A_QUEUE.test(target) ? queueArn.isEmpty() : told.mayBeMore();
        return !target.isEmpty() && !isOfEks(hook.name()) && mayNotifyUs;
    }

    private static boolean isMarked(String text) {
        return text.regionMatches(true, 0, OUR_MARK, 0, OUR_MARK.length());
    }

    /** Goes back to the last star only, so that no pattern takes long. */
    private static boolean matches(String glob, String text) {
        int at = 0;
        int star = -1;
        int afterStar = 0;
        int read = 0;
        while (read < text.length()) {
            if (at < glob.length() && glob.charAt(at) == '*') {
                star = at++;
                afterStar = read;
            } else if (at < glob.length() && (glob.charAt(at) == '?' || glob.charAt(at) == text.charAt(read))) {
                at++;
                read++;
            } else if (star >= 0) {
                at = star + 1;
                read = ++afterStar;
            } else {
                return false;
            }
        }
        return glob.substring(at).chars().allMatch(rest -> rest == '*');
    }
}
