package dev.glidepath.departure;

import dev.glidepath.departure.action.Ending;
import dev.glidepath.departure.execution.Authority;
import dev.glidepath.departure.execution.Tools;
import dev.glidepath.event.InstanceId;
import dev.glidepath.observe.DecisionLog;
import dev.glidepath.observe.Field;
import dev.glidepath.observe.LogEvent;
import dev.glidepath.queue.DeliveryId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Runs departures, each on a thread of its own, and sees to what is left when one has ended or broken off: what it shared with others, its
 * messages, and what changed while it ended.
 */
final class DepartureRuns {
    private static final Logger LOG = Logger.getLogger(DepartureRuns.class);

    /** How long requests in flight may take to end when the program stops. */
    private static final Duration REQUESTS_END_WITHIN = Duration.ofSeconds(5);

    private final Map<InstanceId, Departure> known;
    private final Shared shared;
    private final Authority authority;
    private final Tools tools;
    private final DecisionLog log;
    private final Consumer<InstanceId> lookAgain;
    private final BreakOffs breakOffs = new BreakOffs();

    private final ExecutorService loops = Executors.newVirtualThreadPerTaskExecutor();
    /** Wakes departures that wait without a thread; whatever one of them throws, it goes on for the others. */
    private final ScheduledThreadPoolExecutor alarm = new ScheduledThreadPoolExecutor(
            1, Thread.ofVirtual().name("departures-alarm").factory());

    private final ExecutorService actions = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * @param known the departures that there are: one that has ended is taken out
     * @param lookAgain called for an instance whose departure has ended, for what changed meanwhile
     */
    DepartureRuns(
            Map<InstanceId, Departure> known,
            Shared shared,
            Authority authority,
            Tools tools,
            DecisionLog log,
            Consumer<InstanceId> lookAgain) {
        this.known = known;
        this.shared = shared;
        this.authority = authority;
        this.tools = tools;
        this.log = log;
        this.lookAgain = lookAgain;
        alarm.setRemoveOnCancelPolicy(true);
    }

    /** Runs actions, each on a thread of its own. */
    Executor actions() {
        return actions;
    }

    /** Whether a departure of this instance may begin by itself: not soon after one broke off, nor once the program stops. */
    boolean mayBegin(InstanceId instance) {
        return breakOffs.of(instance).isOver() && !loops.isShutdown();
    }

    /** Runs a departure; not waited for. */
    void run(InstanceId instance, Departure departure) {
        try {
            loops.execute(() -> runToItsEnd(instance, departure));
        } catch (RejectedExecutionException stopping) {
            LOG.debugf("the departure of %s does not begin: the program stops", instance);
        }
    }

    /** Gives these back, to be delivered again before long. */
    void leave(Set<DeliveryId> deliveries) {
        tools.aws().owed().giveUp(deliveries);
        tools.aws().queue().leave(deliveries);
    }

    /** No departure looks or begins any more; requests in flight go on until {@link #close}. */
    void stop() {
        loops.shutdownNow();
        alarm.shutdownNow();
    }

    /** Lets requests in flight end; after {@link #stop}. */
    void close() {
        actions.shutdown();
        try {
            if (!actions.awaitTermination(REQUESTS_END_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                actions.shutdownNow();
            }
        } catch (InterruptedException hurried) {
            actions.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private void runToItsEnd(InstanceId instance, Departure departure) {
        boolean completedHooks = false;
        boolean isOver = true;
        try {
            Optional<Ending> ending = departure.run(alarm, () -> run(instance, departure));
            isOver = ending.isPresent();
            if (ending.isPresent()) {
                breakOffs.forget(instance);
                boolean isLeft = ending.get() == Ending.HANDED_BACK || ending.get() == Ending.LEFT_TO_NEWER;
                completedHooks = departure.status().hadHooks() && !isLeft;
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error unforeseen) {
            logBreakOff(instance, unforeseen);
            breakOffs.add(instance);
        } finally {
            if (isOver) {
                forget(instance, departure, completedHooks);
                handBackUnsettled(departure.end());
            }
        }
        if (isOver) {
            lookOnceMore(instance);
        }
    }

    /** What it shares with others is cleared while it is still known; not if another of its instance has begun, which shares its own. */
    private void forget(InstanceId instance, Departure departure, boolean completedHooks) {
        known.computeIfPresent(instance, (_, latest) -> {
            if (latest != departure) {
                return latest;
            }
            shared.backlog().pending(instance, List.of());
            shared.burst().cordoned(instance);
            shared.hookWaits().waits(instance, false);
            if (completedHooks) {
                tools.sources().replica().settled(instance);
            }
            return null;
        });
    }

    /**
     * What changed while it ended, it did not see. After a pause, so that nothing goes round and round where a departure ends and
     * its node's journal asks for one.
     */
    private void lookOnceMore(InstanceId instance) {
        BreakOffs.Pause pause = breakOffs.of(instance);
        try {
            Thread.sleep(pause.length()); // the departure is over: nothing waits for this thread
            breakOffs.end(instance, pause);
            lookAgain.accept(instance);
            if (breakOffs.of(instance).isOver() && !known.containsKey(instance)) {
                breakOffs.forget(instance);
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private void logBreakOff(InstanceId instance, Throwable unforeseen) {
        if (authority.hasEnded()) {
            return;
        }
        log.about(Map.of(Field.INSTANCE, instance))
                .tell(
                        LogEvent.DEPARTURE_FAILED,
                        "the departure broke off; its messages will be delivered again",
                        unforeseen);
    }

    /** Their departure is over. When the program stops they are given back with all that is held. */
    private void handBackUnsettled(Set<DeliveryId> deliveries) {
        if (!authority.hasEnded()) {
            leave(deliveries);
        }
    }
}
