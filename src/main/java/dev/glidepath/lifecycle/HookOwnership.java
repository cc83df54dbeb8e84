package dev.glidepath.lifecycle;

import dev.glidepath.event.LifecycleAction;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which hooks are ours to heartbeat and to complete. Rules of EventBridge tell of every hook in the account, and completing
 * another's ends his instance before he is done with it.
 *
 * @param names hooks that are ours, whatever they notify, and the only ones; empty where nobody listed any
 * @param groupGlobs groups whose hooks are ours even where the instance is no node of this cluster; {@code *} stands for any
 *     characters, {@code ?} for one
 * @param queueArn our queue's; empty as long as it is not known
 */
public record HookOwnership(Set<String> names, List<String> groupGlobs, Optional<String> queueArn) {

    public HookOwnership {
        names = Set.copyOf(names);
        groupGlobs = List.copyOf(groupGlobs);
    }

    /** Whose a hook is. */
    public enum Verdict {
        OURS,
        /** Never to be touched. */
        NOT_OURS,
        /** Not to be touched until more is known: what the hook notifies, or which queue is ours. */
        UNKNOWN
    }

    /** Whether the group's hooks are ours even where the instance is no node of this cluster. */
    public boolean isOfOurGroups(String group) {
        return groupGlobs.stream().anyMatch(glob -> matches(glob, group));
    }

    /**
     * Whose the hook is that holds the instance.
     *
     * @param direct whether the hook itself told us, by our queue or a topic that feeds it, rather than a rule of EventBridge
     * @param notificationTarget what the hook notifies, as {@link HookLookup.Found} has it: an ARN, or an empty text where it
     *     notifies nobody; empty as long as that is not known
     */
    public Verdict of(LifecycleAction action, boolean direct, Optional<String> notificationTarget) {
        return of(action.hook(), direct, notificationTarget);
    }

    /** The same of a hook by its name, when it holds nothing. */
    public Verdict of(String hook, boolean direct, Optional<String> notificationTarget) {
        if (isOfEks(hook)) {
            return Verdict.NOT_OURS;
        }
        if (!names.isEmpty()) {
            return names.contains(hook) ? Verdict.OURS : Verdict.NOT_OURS;
        }
        if (direct) {
            return Verdict.OURS;
        }
        return notificationTarget.map(this::byTarget).orElse(Verdict.UNKNOWN);
    }

    /**
     * Whether the hook is one that EKS puts on the groups of its managed node groups, for itself.
     *
     * @see <a href="https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html">Managed node groups</a>
     */
    public static boolean isOfEks(String hook) {
        return hook.endsWith("-LC-Hook");
    }

    private Verdict byTarget(String target) {
        if (target.isEmpty()) {
            return Verdict.OURS;
        }
        return queueArn.map(ours -> ours.equals(target) ? Verdict.OURS : Verdict.NOT_OURS)
                .orElse(Verdict.UNKNOWN);
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
