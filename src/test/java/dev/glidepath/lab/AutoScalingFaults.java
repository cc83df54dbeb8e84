package dev.glidepath.lab;

import dev.glidepath.lab.AutoScalingStandIn.Call;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What can go wrong at Auto Scaling, made to order. Each fault is for the API actions named, or for all when none is named; of
 * several that fit a request the oldest befalls it.
 *
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/APIReference/CommonErrors.html">Its errors</a>
 */
public final class AutoScalingFaults {
    private static final Duration NO_TIME = Duration.ZERO;

    /** Requests that hang until this is closed; they are carried out then. */
    @FunctionalInterface
    public interface Hang extends AutoCloseable {
        @Override
        void close();
    }

    private final List<Fault> faults = new CopyOnWriteArrayList<>();

    AutoScalingFaults() {}

    /** Refuses the next requests as too many. */
    public void throttleNext(int requests, String... apiActions) {
        faults.add(new Fault(apiActions, requests, NO_TIME, call -> new Refusal(400, "Throttling", "Rate exceeded")));
    }

    /** Fails the next requests with a fault of its own. */
    public void failNext(int requests, String... apiActions) {
        faults.add(new Fault(
                apiActions,
                requests,
                NO_TIME,
                call -> new Refusal(
                        500, "InternalFailure", "The request processing has failed because of an unknown error.")));
    }

    /** Refuses requests from now on for want of a permission, until {@link #heal}. */
    public void deny(String... apiActions) {
        faults.add(new Fault(
                apiActions,
                Integer.MAX_VALUE,
                NO_TIME,
                call -> new Refusal(
                        403,
                        "AccessDenied",
                        "User: arn:aws:sts::123456789012:assumed-role/glidepath/test is not authorized to perform: autoscaling:"
                                + call.action())));
    }

    /** Lets requests hang from now on, until the answer is closed. */
    public Hang hang(String... apiActions) {
        return hangAtMost(Duration.ofDays(1), apiActions);
    }

    /** Lets requests hang from now on, each for so long at most, until the answer is closed. */
    public Hang hangAtMost(Duration time, String... apiActions) {
        var fault = new Fault(apiActions, Integer.MAX_VALUE, time, call -> null);
        faults.add(fault);
        return () -> {
            faults.remove(fault);
            fault.release();
        };
    }

    /** Ends all faults. */
    public void heal() {
        faults.forEach(Fault::release);
        faults.clear();
    }

    /** Lets befall a request what is to befall it. */
    void meet(Call call) throws Refusal {
        Optional<Fault> met = faults.stream()
                .filter(fault -> fault.fits(call) && fault.takesOneMore())
                .findFirst();
        if (met.isPresent()) {
            met.get().befall(call);
        }
    }

    /** An answer that is no success. */
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final String code;

        Refusal(int status, String code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }

        int status() {
            return status;
        }

        String code() {
            return code;
        }
    }

    private static final class Fault {
        private final Set<String> apiActions;
        private final AtomicInteger left;
        private final Duration hangsFor;
        private final Function<Call, @Nullable Refusal> refusal;
        private final CountDownLatch released = new CountDownLatch(1);

        Fault(String[] apiActions, int requests, Duration hangsFor, Function<Call, @Nullable Refusal> refusal) {
            this.apiActions = Set.of(apiActions);
            this.left = new AtomicInteger(requests);
            this.hangsFor = hangsFor;
            this.refusal = refusal;
        }

        boolean fits(Call call) {
            return apiActions.isEmpty() || apiActions.contains(call.action());
        }

        boolean takesOneMore() {
            return left.getAndUpdate(count -> Math.max(0, count - 1)) > 0;
        }

        void befall(Call call) throws Refusal {
            try {
                var _ = released.await(hangsFor.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            }
            Refusal instead = refusal.apply(call);
            if (instead != null) {
                throw instead;
            }
        }

        void release() {
            released.countDown();
        }
    }
}
