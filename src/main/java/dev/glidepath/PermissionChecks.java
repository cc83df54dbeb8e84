package dev.glidepath;

import dev.glidepath.lifecycle.LifecycleHooks;
import dev.glidepath.permission.Permission;
import dev.glidepath.permission.Permissions;
import dev.glidepath.queue.MessageQueue;
import dev.glidepath.queue.OwnQueue;
import dev.glidepath.queue.QueueException;
import dev.glidepath.queue.Receiver.Sleeper;
import dev.glidepath.thread.LastingThread;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tries at start which permissions our role has at AWS, as far as that changes nothing, and from then on again and again those that
 * are missing: once they are granted, that is known without a restart, also while there is nothing to do.
 */
final class PermissionChecks implements AutoCloseable {
    /** A permission that is granted takes effect so late at most; IAM itself needs some seconds. */
    static final Duration EVERY = Duration.ofSeconds(30);

    /** While there is no queue to receive from. */
    static final Duration WITHOUT_A_QUEUE = Duration.ofSeconds(5);

    private static final Logger LOG = Logger.getLogger(PermissionChecks.class);
    private static final Set<Permission> FOR_MESSAGES =
            Set.of(Permission.CHANGE_MESSAGE_VISIBILITY, Permission.DELETE_MESSAGE);

    private final Permissions permissions;
    private final OwnQueue ownQueue;
    private final MessageQueue queue;
    private final LifecycleHooks hooks;
    private final boolean withHooks;
    private final Sleeper sleeper;
    private final AtomicReference<@Nullable LastingThread> thread = new AtomicReference<>();

    /** Touched by the thread alone, as are those below. */
    private boolean receiving;

    private boolean messagesChecked;
    private boolean hooksChecked;

    /**
     * @param withHooks whether anything is done about lifecycle hooks
     */
    PermissionChecks(
            Permissions permissions,
            OwnQueue ownQueue,
            MessageQueue queue,
            LifecycleHooks hooks,
            boolean withHooks,
            Sleeper sleeper) {
        this.permissions = permissions;
        this.ownQueue = ownQueue;
        this.queue = queue;
        this.hooks = hooks;
        this.withHooks = withHooks;
        this.sleeper = sleeper;
    }

    /**
     * Starts checking.
     *
     * @param mayReceive called once, as soon as there is a queue to receive from and it is known what we may do with its messages
     */
    void start(Runnable mayReceive) {
        thread.set(new LastingThread("permission-checks", () -> check(mayReceive)).start());
    }

    @Override
    public void close() {
        LastingThread checking = thread.get();
        if (checking != null) {
            checking.interrupt();
        }
    }

    private boolean check(Runnable mayReceive) throws InterruptedException {
        sleeper.sleep(checkOnce(mayReceive));
        return true;
    }

    /** Returns how long to wait for the next time. */
    private Duration checkOnce(Runnable mayReceive) {
        try {
            boolean known = receiving && !permissions.isMissing(Permission.GET_QUEUE_ATTRIBUTES);
            boolean queueKnown = known || ownQueue.ask();
            if (!queueKnown) {
                return WITHOUT_A_QUEUE;
            }
            checkMessages();
            if (!receiving) {
                receiving = true;
                mayReceive.run();
            }
            checkHooks();
            return EVERY;
        } catch (RuntimeException | Error unexpected) { // whatever it is, later checks may succeed
            LOG.error("permissions could not be checked", unexpected);
            return EVERY;
        }
    }

    private void checkMessages() {
        if (messagesChecked && FOR_MESSAGES.stream().noneMatch(permissions::isMissing)) {
            return;
        }
        try {
            queue.checkPermissions();
            messagesChecked = true;
        } catch (QueueException noAnswer) {
            LOG.debugf("what may be done with messages is not known yet: %s", noAnswer.getMessage());
        }
    }

    private void checkHooks() {
        if (!withHooks) {
            return;
        }
        if (!hooksChecked || permissions.isMissing(Permission.DESCRIBE_LIFECYCLE_HOOKS)) {
            hooks.checkPermissions();
            hooksChecked = true;
        }
        hooks.checkWhatWasDenied();
    }
}
