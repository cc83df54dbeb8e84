package dev.glidepath.lifecycle;

import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.lifecycle.HookLookup.Found;
import dev.glidepath.lifecycle.HookLookup.HookTimes;
import dev.glidepath.lifecycle.HookOutcome.Done;
import dev.glidepath.lifecycle.HookOutcome.NoActiveAction;
import dev.glidepath.lifecycle.HookTrouble.Denied;
import dev.glidepath.lifecycle.HookTrouble.Failed;
import dev.glidepath.lifecycle.HookTrouble.Throttled;
import dev.glidepath.permission.Permission;
import dev.glidepath.permission.Permissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.autoscaling.AutoScalingClient;
import software.amazon.awssdk.services.autoscaling.model.LifecycleHook;

/**
 * Heartbeats, completes and describes lifecycle hooks. Safe for use by many threads; the package tells what it promises.
 *
 * <p>Of many who call at once, in a storm, sixteen are let through at a time and the others take turns in the order they came:
 * Auto Scaling has been seen to throttle at about forty. A call that gets no turn within the client's time limit has failed; so
 * none lasts longer than twice that limit. An interrupt ends it too.
 */
public final class LifecycleHooks {
    static final int REQUESTS_AT_MOST = 16;

    private static final Set<String> ACCESS_CODES =
            Set.of("AccessDenied", "AccessDeniedException", "UnauthorizedOperation");

    /** No policy can allow describing the hooks of one group only. */
    private static final String EVERYWHERE = "";

    private static final String NO_GROUP = "glidepath-permission-check";
    private static final InstanceId NO_INSTANCE = new InstanceId("i-00000000000000000");

    /** What Auto Scaling uses where it is not told otherwise. */
    private static final Duration DEFAULT_HEARTBEAT_TIMEOUT = Duration.ofHours(1);

    private static final Duration LONGEST_GLOBAL_TIMEOUT = Duration.ofDays(2);

    private final AutoScalingClient autoScaling;
    private final ActionTokens tokens;
    private final InstantSource clock;
    private final Permissions permissions;
    private final HookMemory memory;
    private final Semaphore turns = new Semaphore(REQUESTS_AT_MOST, true);
    private final Duration turnWithin;

    /**
     * @param autoScaling a client that does not retry and has a time limit, such as {@link AutoScalingClients} builds, which is
     *     the limit for a turn as well; stays the caller's to close
     * @param tokens of the actions; where one is not known yet, the call has failed, and works once it is
     * @param clock says when a hook is described anew
     * @param permissions is told with each answer which permissions our role has and lacks
     */
    public LifecycleHooks(
            AutoScalingClient autoScaling, ActionTokens tokens, InstantSource clock, Permissions permissions) {
        this.autoScaling = autoScaling;
        this.tokens = tokens;
        this.clock = clock;
        this.permissions = permissions;
        this.memory = new HookMemory(clock, this::hooksOf);
        this.turnWithin = autoScaling
                .serviceClientConfiguration()
                .overrideConfiguration()
                .apiCallTimeout()
                .orElse(AutoScalingClients.ANSWER_WITHIN);
    }

    /**
     * Restarts the hook's timer. Does not extend its global timeout.
     *
     * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RecordLifecycleActionHeartbeat.html">RecordLifecycleActionHeartbeat</a>
     */
    public HookOutcome heartbeat(LifecycleAction action) {
        return tokens.of(action).map(token -> heartbeat(action, token)).orElseGet(LifecycleHooks::withoutToken);
    }

    private HookOutcome heartbeat(LifecycleAction action, LifecycleToken token) {
        return attempt(Permission.RECORD_LIFECYCLE_ACTION_HEARTBEAT, action, token, () -> {
            var _ = autoScaling.recordLifecycleActionHeartbeat(request -> request.autoScalingGroupName(action.group())
                    .lifecycleHookName(action.hook())
                    .lifecycleActionToken(token.value()));
        });
    }

    /**
     * Tells Auto Scaling to go on with the instance.
     *
     * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html">CompleteLifecycleAction</a>
     */
    public HookOutcome complete(LifecycleAction action, HookResult result) {
        return tokens.of(action).map(token -> complete(action, token, result)).orElseGet(LifecycleHooks::withoutToken);
    }

    private HookOutcome complete(LifecycleAction action, LifecycleToken token, HookResult result) {
        return attempt(Permission.COMPLETE_LIFECYCLE_ACTION, action, token, () -> {
            var _ = autoScaling.completeLifecycleAction(request -> request.autoScalingGroupName(action.group())
                    .lifecycleHookName(action.hook())
                    .lifecycleActionToken(token.value())
                    .lifecycleActionResult(result.name()));
        });
    }

    /**
     * The hook that holds the instance. A group's hooks are asked for in one request and remembered for five minutes; failures
     * are not remembered.
     *
     * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeLifecycleHooks.html">DescribeLifecycleHooks</a>
     */
    public HookLookup describe(LifecycleAction action) {
        return memory.lookUp(action.group(), action.hook());
    }

    /**
     * Finds out whether our role may describe hooks: no group has the name that is asked for, which is an answer as well.
     * {@link Permissions} knows the result.
     */
    public void checkPermissions() {
        var _ = hooksOf(NO_GROUP);
    }

    /**
     * Finds out whether heartbeats and completions that were denied are allowed by now, by a token that Auto Scaling never gave: no
     * lifecycle action is changed. {@link Permissions} knows the result.
     */
    public void checkWhatWasDenied() {
        permissions.placesWithout(Permission.RECORD_LIFECYCLE_ACTION_HEARTBEAT).forEach(group -> {
            var _ = heartbeat(ofNoAction(group), noToken());
        });
        permissions.placesWithout(Permission.COMPLETE_LIFECYCLE_ACTION).forEach(group -> {
            var _ = complete(ofNoAction(group), noToken(), HookResult.CONTINUE);
        });
    }

    private static LifecycleAction ofNoAction(String group) {
        return new LifecycleAction(group, NO_GROUP, "", NO_INSTANCE);
    }

    private static LifecycleToken noToken() {
        return new LifecycleToken(UUID.randomUUID().toString());
    }

    private static HookOutcome withoutToken() {
        return new Failed(
                "the action's token is not known here yet: its message has it, and the Lease of the replica that"
                        + " received that");
    }

    private HookOutcome attempt(Permission permission, LifecycleAction action, LifecycleToken token, Runnable request) {
        Optional<HookTrouble> noTurn = awaitTurn(permission, action.toString());
        if (noTurn.isPresent()) {
            return noTurn.get();
        }
        try {
            request.run();
            permissions.granted(permission, action.group());
            return new Done();
        } catch (RuntimeException failure) {
            if (meansNoAction(failure)) {
                permissions.granted(permission, action.group());
                return new NoActiveAction();
            }
            return troubleOf(failure, permission, action.group(), action.toString(), token.value());
        } finally {
            turns.release();
        }
    }

    private HookMemory.Answer hooksOf(String group) {
        Permission permission = Permission.DESCRIBE_LIFECYCLE_HOOKS;
        Optional<HookTrouble> noTurn = awaitTurn(permission, group);
        if (noTurn.isPresent()) {
            return new HookMemory.Answer.Unknown(noTurn.get());
        }
        try {
            List<LifecycleHook> described = autoScaling
                    .describeLifecycleHooks(request -> request.autoScalingGroupName(group))
                    .lifecycleHooks();
            permissions.granted(permission, EVERYWHERE);
            List<GroupHook> all = described.stream().map(GroupHook::of).toList();
            Map<String, Found> byName = new HashMap<>();
            described.forEach(hook -> byName.put(hook.lifecycleHookName(), new Found(timesOf(hook), all)));
            return new HookMemory.Answer.Hooks(byName, clock.instant());
        } catch (RuntimeException failure) {
            if (isValidationError(failure, "name not found")) {
                permissions.granted(permission, EVERYWHERE);
                return new HookMemory.Answer.Hooks(Map.of(), clock.instant());
            }
            return new HookMemory.Answer.Unknown(troubleOf(failure, permission, EVERYWHERE, group, ""));
        } finally {
            turns.release();
        }
    }

    /** Takes a turn, to be released after; if none is to be had, why. */
    private Optional<HookTrouble> awaitTurn(Permission permission, String what) {
        try {
            return turns.tryAcquire(turnWithin.toMillis(), TimeUnit.MILLISECONDS)
                    ? Optional.empty()
                    : Optional.of(new Failed(permission.action() + " for " + what + " had no turn within " + turnWithin
                            + ": too many requests to Auto Scaling are waiting"));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.of(new Failed(permission.action() + " for " + what + " was interrupted before its turn"));
        }
    }

    private static HookTimes timesOf(LifecycleHook hook) {
        Duration heartbeat = seconds(hook.heartbeatTimeout(), DEFAULT_HEARTBEAT_TIMEOUT);
        Duration most = heartbeat.multipliedBy(100);
        Duration global = seconds(
                hook.globalTimeout(), most.compareTo(LONGEST_GLOBAL_TIMEOUT) < 0 ? most : LONGEST_GLOBAL_TIMEOUT);
        return new HookTimes(heartbeat, global);
    }

    private static Duration seconds(@Nullable Integer seconds, Duration otherwise) {
        return seconds == null || seconds <= 0 ? otherwise : Duration.ofSeconds(seconds);
    }

    /** Nobody documents these texts; they have been the same for years, and the code alone says nothing. */
    private static boolean meansNoAction(RuntimeException failure) {
        return isValidationError(failure, "no active lifecycle action")
                || isValidationError(failure, "group name not found");
    }

    private static boolean isValidationError(RuntimeException failure, String text) {
        return failure instanceof AwsServiceException refusal
                && code(refusal).equals("ValidationError")
                && String.valueOf(refusal.getMessage()).toLowerCase(Locale.ROOT).contains(text);
    }

    /** @param place where a policy may allow it, {@link #EVERYWHERE} or a group */
    private HookTrouble troubleOf(
            RuntimeException failure, Permission permission, String place, String what, String token) {
        if (!(failure instanceof AwsServiceException refusal)) {
            String message = String.valueOf(failure.getMessage());
            return message.contains("credentials")
                    ? denied(
                            permission,
                            place,
                            "no AWS credentials for Auto Scaling, and " + permission.without()
                                    + "; give the service account a role (EKS Pod Identity or IRSA), or set AWS_PROFILE: "
                                    + message)
                    : new Failed(permission.action() + " for " + what + " was not answered: " + message);
        }
        if (refusal.isThrottlingException()) {
            return new Throttled();
        }
        String code = code(refusal);
        if (ACCESS_CODES.contains(code)) {
            return denied(permission, place, permission.allowIt(place));
        }
        if (refusal.statusCode() == 401 || refusal.statusCode() == 403) {
            return denied(
                    permission,
                    place,
                    permission.action() + ": AWS does not accept our credentials (" + code + "), and "
                            + permission.without() + "; renew them");
        }
        if (code.equals("ValidationError")) {
            permissions.granted(permission, place); // whoever may not ask is told no more than that
        }
        String message = String.valueOf(
                refusal.awsErrorDetails() == null
                        ? null
                        : refusal.awsErrorDetails().errorMessage());
        return new Failed(permission.action() + " for " + what + " was answered with " + code + " (HTTP "
                + refusal.statusCode() + "): " + (token.isEmpty() ? message : message.replace(token, "(token)")));
    }

    private Denied denied(Permission permission, String place, String words) {
        permissions.denied(permission, place, words);
        return new Denied(words);
    }

    private static String code(AwsServiceException refusal) {
        var details = refusal.awsErrorDetails();
        String code = details == null ? null : details.errorCode();
        return code == null ? "no error code" : code;
    }
}
