package dev.glidepath.lifecycle;

import dev.glidepath.event.LifecycleAction;
import dev.glidepath.lifecycle.HookLookup.Found;
import dev.glidepath.lifecycle.HookLookup.HookTimes;
import dev.glidepath.lifecycle.HookOutcome.Done;
import dev.glidepath.lifecycle.HookOutcome.NoActiveAction;
import dev.glidepath.lifecycle.HookTrouble.Denied;
import dev.glidepath.lifecycle.HookTrouble.Failed;
import dev.glidepath.lifecycle.HookTrouble.Throttled;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

    /** What Auto Scaling uses where it is not told otherwise. */
    private static final Duration DEFAULT_HEARTBEAT_TIMEOUT = Duration.ofHours(1);

    private static final Duration LONGEST_GLOBAL_TIMEOUT = Duration.ofDays(2);

    private final AutoScalingClient autoScaling;
    private final InstantSource clock;
    private final HookMemory memory;
    private final Semaphore turns = new Semaphore(REQUESTS_AT_MOST, true);
    private final Duration turnWithin;

    /**
     * @param autoScaling a client that does not retry and has a time limit, such as {@link AutoScalingClients} builds, which is
     *     the limit for a turn as well; stays the caller's to close
     * @param clock says when a hook is described anew
     */
    public LifecycleHooks(AutoScalingClient autoScaling, InstantSource clock) {
        this.autoScaling = autoScaling;
        this.clock = clock;
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
        return attempt("autoscaling:RecordLifecycleActionHeartbeat", action, () -> {
            var _ = autoScaling.recordLifecycleActionHeartbeat(request -> request.autoScalingGroupName(action.group())
                    .lifecycleHookName(action.hook())
                    .lifecycleActionToken(action.token()));
        });
    }

    /**
     * Tells Auto Scaling to go on with the instance.
     *
     * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html">CompleteLifecycleAction</a>
     */
    public HookOutcome complete(LifecycleAction action, HookResult result) {
        return attempt("autoscaling:CompleteLifecycleAction", action, () -> {
            var _ = autoScaling.completeLifecycleAction(request -> request.autoScalingGroupName(action.group())
                    .lifecycleHookName(action.hook())
                    .lifecycleActionToken(action.token())
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

    private HookOutcome attempt(String permission, LifecycleAction action, Runnable request) {
        Optional<HookTrouble> noTurn = awaitTurn(permission, action.toString());
        if (noTurn.isPresent()) {
            return noTurn.get();
        }
        try {
            request.run();
            return new Done();
        } catch (RuntimeException failure) {
            return meansNoAction(failure)
                    ? new NoActiveAction()
                    : troubleOf(failure, permission, action.toString(), action.token());
        } finally {
            turns.release();
        }
    }

    private HookMemory.Answer hooksOf(String group) {
        String permission = "autoscaling:DescribeLifecycleHooks";
        Optional<HookTrouble> noTurn = awaitTurn(permission, group);
        if (noTurn.isPresent()) {
            return new HookMemory.Answer.Unknown(noTurn.get());
        }
        try {
            Map<String, Found> byName = new HashMap<>();
            for (LifecycleHook hook : autoScaling
                    .describeLifecycleHooks(request -> request.autoScalingGroupName(group))
                    .lifecycleHooks()) {
                byName.put(hook.lifecycleHookName(), found(hook));
            }
            return new HookMemory.Answer.Hooks(byName, clock.instant());
        } catch (RuntimeException failure) {
            return isValidationError(failure, "name not found")
                    ? new HookMemory.Answer.Hooks(Map.of(), clock.instant())
                    : new HookMemory.Answer.Unknown(troubleOf(failure, permission, group, ""));
        } finally {
            turns.release();
        }
    }

    /** Takes a turn, to be released after; if none is to be had, why. */
    private Optional<HookTrouble> awaitTurn(String permission, String what) {
        try {
            return turns.tryAcquire(turnWithin.toMillis(), TimeUnit.MILLISECONDS)
                    ? Optional.empty()
                    : Optional.of(new Failed(permission + " for " + what + " had no turn within " + turnWithin
                            + ": too many requests to Auto Scaling are waiting"));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.of(new Failed(permission + " for " + what + " was interrupted before its turn"));
        }
    }

    private static Found found(LifecycleHook hook) {
        Duration heartbeat = seconds(hook.heartbeatTimeout(), DEFAULT_HEARTBEAT_TIMEOUT);
        Duration most = heartbeat.multipliedBy(100);
        Duration global = seconds(
                hook.globalTimeout(), most.compareTo(LONGEST_GLOBAL_TIMEOUT) < 0 ? most : LONGEST_GLOBAL_TIMEOUT);
        String target = hook.notificationTargetARN();
        return new Found(new HookTimes(heartbeat, global), target == null ? "" : target);
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

    private static HookTrouble troubleOf(RuntimeException failure, String permission, String what, String token) {
        if (!(failure instanceof AwsServiceException refusal)) {
            String message = String.valueOf(failure.getMessage());
            return message.contains("credentials")
                    ? new Denied(
                            "no AWS credentials for Auto Scaling: give the service account a role (EKS Pod Identity or"
                                    + " IRSA), or set AWS_PROFILE: " + message)
                    : new Failed(permission + " for " + what + " was not answered: " + message);
        }
        if (refusal.isThrottlingException()) {
            return new Throttled();
        }
        String code = code(refusal);
        if (ACCESS_CODES.contains(code)) {
            return new Denied(permission + " for " + what + " is not allowed: allow our role " + permission
                    + " on this Auto Scaling group");
        }
        if (refusal.statusCode() == 401 || refusal.statusCode() == 403) {
            return new Denied(
                    permission + " for " + what + ": AWS does not accept our credentials (" + code + "): renew them");
        }
        String message = String.valueOf(
                refusal.awsErrorDetails() == null
                        ? null
                        : refusal.awsErrorDetails().errorMessage());
        return new Failed(permission + " for " + what + " was answered with " + code + " (HTTP " + refusal.statusCode()
                + "): " + (token.isEmpty() ? message : message.replace(token, "(token)")));
    }

    private static String code(AwsServiceException refusal) {
        var details = refusal.awsErrorDetails();
        String code = details == null ? null : details.errorCode();
        return code == null ? "no error code" : code;
    }
}
