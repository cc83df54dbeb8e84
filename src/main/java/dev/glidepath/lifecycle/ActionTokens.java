package dev.glidepath.lifecycle;

import dev.glidepath.event.ActionNotice;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.memory.Recent;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The tokens of lifecycle actions that we heard of, by message or by another replica's Lease, each with what its message said:
 * journals and decisions know them by their hashes. Ten thousand of them, those that nobody asks for are forgotten first; one that is
 * forgotten comes again with its message. May be used by any thread.
 */
public final class ActionTokens {
    private static final int MOST = 10_000;

    /** Far more than send to one queue; but anybody who may send to it may name them as he likes. */
    private static final int MOST_GROUPS = 1_000;

    /** That many hooks a group may have. */
    private static final int MOST_HOOKS = 50;

    private final Recent<String, Known> byHash = new Recent<>(MOST);

    /** What each hook that told us itself sent last, by its group and its name. */
    private final Recent<String, Recent<String, ActionNotice>> directByGroup = new Recent<>(MOST_GROUPS);

    private record Known(LifecycleToken token, ActionNotice notice) {
        /** A hook that notifies our queue may be announced by EventBridge as well, before or after. */
        private Known heardBefore(Known before) {
            return before.notice.isDirect() && before.notice.action().equals(notice.action()) ? before : this;
        }
    }

    /**
     * Remembers one, as heard of last.
     *
     * @param notice the action that it is of: it is used for no other, whatever a journal says
     */
    public void learn(LifecycleToken token, ActionNotice notice) {
        if (notice.isDirect()) {
            LifecycleAction action = notice.action();
            directByGroup
                    .getOrPut(action.group(), () -> new Recent<>(MOST_HOOKS))
                    .put(action.hook(), notice);
        }
        byHash.merge(token.hash(), new Known(token, notice), (before, latest) -> latest.heardBefore(before));
    }

    /** The token of this action, once it is known here. */
    public Optional<LifecycleToken> of(LifecycleAction action) {
        return known(action).map(Known::token);
    }

    /** What the message of this action said, once it is known here. */
    public Optional<ActionNotice> noticeOf(LifecycleAction action) {
        return known(action).map(Known::notice);
    }

    /** What the hooks of this group sent last that told us themselves, for whichever instance. */
    public Collection<ActionNotice> directOf(String group) {
        return directByGroup.get(group).map(Recent::values).orElse(List.of());
    }

    private Optional<Known> known(LifecycleAction action) {
        return byHash.get(action.tokenHash())
                .filter(known -> known.notice().action().equals(action));
    }
}
