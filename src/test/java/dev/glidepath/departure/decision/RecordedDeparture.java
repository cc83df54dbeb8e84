package dev.glidepath.departure.decision;

import static dev.glidepath.departure.decision.Play.START;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import dev.glidepath.departure.action.Decision;
import dev.glidepath.departure.decision.Play.Place;
import dev.glidepath.departure.snapshot.Snapshot;
import dev.glidepath.drain.pod.Pod.Trait;
import dev.glidepath.drain.pod.SamplePod;
import dev.glidepath.event.InstanceState;
import dev.glidepath.event.Interruption.Window;
import dev.glidepath.event.InterruptionId;
import dev.glidepath.event.Kind;
import dev.glidepath.event.Response;
import dev.glidepath.node.Journal;
import dev.glidepath.node.Journal.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A kind of departure as it runs when nothing disturbs it: which requests it makes, and what it leaves behind. The same is played
 * again with a disturbance at one of its requests.
 */
enum RecordedDeparture {
    SPOT {
        @Override
        void setUp(Play play) {
            held(play);
            play.notice(SampleNotices.spot(START)).at(START.plusSeconds(121), play::machineStops);
        }
    },
    SPOT_THAT_IS_SURVIVED {
        @Override
        void setUp(Play play) {
            held(play);
            play.notice(SampleNotices.spot(START));
        }
    },
    LIFECYCLE_ACTION {
        @Override
        void setUp(Play play) {
            spread(play);
            play.notice(Play.asg("token-1", START)).at(START.plus(ofMinutes(8)), play::machineStops);
        }
    },
    LIFECYCLE_ACTION_WHOSE_NODE_GOES {
        @Override
        void setUp(Play play) {
            spread(play);
            play.notice(Play.asg("token-1", START)).at(START.plus(ofMinutes(8)), play::nodeIsDeleted);
        }
    },
    LIFECYCLE_ACTION_OF_TWO_NODES {
        @Override
        void setUp(Play play) {
            spread(play);
            Place sibling = play.sibling("node-2");
            sibling.pods().add(SamplePod.of("other").seenAt(START).build(), ofSeconds(15));
            play.notice(Play.asg("token-1", START)).at(START.plus(ofMinutes(8)), play::machineStops);
        }
    },
    LIFECYCLE_ACTION_AND_VOLUMES {
        @Override
        void setUp(Play play) {
            play.pod(SamplePod.of("db").claiming("data").grace(ofSeconds(20)), ofSeconds(10))
                    .pod(SamplePod.of("cache").claiming("scratch"), ofSeconds(2))
                    .pod("web", 0, ofSeconds(5))
                    .notice(Play.asg("token-1", START))
                    .at(START.plus(ofMinutes(8)), play::machineStops);
        }
    },
    SPOT_AND_LIFECYCLE_ACTION {
        @Override
        void setUp(Play play) {
            spread(play);
            play.notice(SampleNotices.spot(START))
                    .noticeAt(START.plusSeconds(5), Play.asg("token-1", START.plusSeconds(5)))
                    .at(START.plusSeconds(121), play::machineStops);
        }
    },
    SHUTTING_DOWN {
        @Override
        void setUp(Play play) {
            spread(play);
            play.notice(SampleNotices.state(InstanceState.SHUTTING_DOWN, START))
                    .at(START.plusSeconds(100), play::machineStops);
        }
    },
    STOPPED_AND_STARTED {
        @Override
        void setUp(Play play) {
            Instant off = START.plusSeconds(100);
            spread(play);
            play.notice(SampleNotices.state(InstanceState.STOPPING, START))
                    .at(off, play::machineStops)
                    .noticeAt(off, SampleNotices.state(InstanceState.STOPPED, off))
                    .at(START.plus(ofHours(2)), play::machineStarts);
        }
    },
    OUT_OF_SERVICE {
        @Override
        void setUp(Play play) {
            Instant off = START.plusSeconds(20);
            play.policy(SamplePolicy.outOfServiceTaint())
                    .pod(SamplePod.of("slow").grace(ofMinutes(5)), ofMinutes(5))
                    .notice(SampleNotices.state(InstanceState.STOPPING, START))
                    .at(off, play::machineStops)
                    .noticeAt(off, SampleNotices.state(InstanceState.STOPPED, off))
                    .at(START.plus(ofHours(2)), play::machineStarts);
        }
    },
    SCHEDULED_CHANGE_CLOSED_BEFORE {
        @Override
        void setUp(Play play) {
            Instant closed = START.plus(ofMinutes(30));
            play.pod("web", 0, ofSeconds(5))
                    .notice(SampleNotices.change(1, START, START.plus(ofHours(4))))
                    .noticeAt(closed, SampleNotices.closed(2, closed));
        }
    },
    SCHEDULED_CHANGE_CLOSED_AMIDST {
        @Override
        void setUp(Play play) {
            Instant closed = START.plus(ofMinutes(63));
            held(play);
            play.notice(SampleNotices.change(1, START, START.plus(ofHours(2))))
                    .noticeAt(closed, SampleNotices.closed(2, closed));
        }
    },
    SCHEDULED_CHANGE_MOVED_AND_CLOSED {
        @Override
        void setUp(Play play) {
            Instant moved = START.plus(ofMinutes(90));
            Instant closed = START.plus(ofHours(3));
            spread(play);
            play.notice(SampleNotices.change(1, START, START.plus(ofHours(2))))
                    .noticeAt(moved, SampleNotices.change(2, moved, START.plus(ofHours(10))))
                    .noticeAt(closed, SampleNotices.closed(3, closed));
        }
    },
    SCHEDULED_CHANGE_THAT_IS_SURVIVED {
        @Override
        void setUp(Play play) {
            spread(play);
            play.notice(SampleNotices.change(1, START, new Window(START.plus(ofMinutes(70)), START.plus(ofHours(2)))));
        }
    },
    REBALANCE_THAT_DRAINS_AND_LAPSES {
        @Override
        void setUp(Play play) {
            spread(play);
            play.policy(SamplePolicy.responding(Kind.REBALANCE_RECOMMENDATION, Response.DRAIN))
                    .pod(SamplePod.of("batch").with(Trait.DO_NOT_DISRUPT), ofSeconds(5))
                    .notice(SampleNotices.rebalance(START));
        }
    },
    REBALANCE_THAT_CORDONS_AND_LAPSES {
        @Override
        void setUp(Play play) {
            spread(play);
            play.policy(SamplePolicy.responding(Kind.REBALANCE_RECOMMENDATION, Response.CORDON))
                    .notice(SampleNotices.rebalance(START));
        }
    },
    CAPACITY {
        @Override
        void setUp(Play play) {
            held(play);
            play.notice(SampleNotices.capacity(START, START.plus(ofMinutes(3))))
                    .at(START.plus(ofMinutes(3)), play::machineStops);
        }
    },
    WARM_POOL_AND_BACK {
        @Override
        void setUp(Play play) {
            Instant back = START.plus(ofMinutes(40));
            spread(play);
            play.notice(SampleNotices.toWarmPool("token-1", START))
                    .at(START.plus(ofMinutes(8)), play::machineStops)
                    .noticeAt(back, SampleNotices.launchFromWarmPool(back))
                    .at(back.plusSeconds(40), play::machineStarts);
        }
    };

    /** So much later than undisturbed everything is settled: messages come again after half a minute, a view catches up. */
    private static final Duration SETTLED_WITHIN = ofMinutes(12);

    private static final Duration CALM = ofHours(1);
    private static final Duration EVERYTHING = ofHours(9);

    /** What it is like, and what is told of it. */
    abstract void setUp(Play play);

    /** A process with a bug. */
    interface Bug {
        /** None: what is seen is decided on, and what is decided is done. */
        Bug NONE = new Bug() {};

        /** What is seen instead. */
        default Snapshot sees(Snapshot snapshot) {
            return snapshot;
        }

        /** What is decided instead. */
        default Decision decides(Play play, Snapshot snapshot, Decision decision) {
            return decision;
        }
    }

    /**
     * What is left of it.
     *
     * @param hooks those that were completed, each as often as it was, and the pods that were there then
     */
    record End(List<NodeEnd> nodes, List<String> hooks, int messages) {}

    /**
     * What is left of it on one node.
     *
     * @param awaited whether what we changed waits for the machine to come back
     */
    record NodeEnd(
            boolean there,
            boolean unschedulable,
            Set<Change> changed,
            Optional<Journal.State> state,
            Set<InterruptionId> settled,
            Set<InterruptionId> live,
            boolean held,
            boolean awaited,
            Set<String> pods) {

        static NodeEnd of(Place place) {
            PlayedNode node = place.node();
            Optional<Journal> journal = node.journal();
            return new NodeEnd(
                    node.isThere(),
                    node.node().unschedulable(),
                    node.changed(),
                    journal.map(Journal::state),
                    journal.stream()
                            .flatMap(read -> read.settled().stream())
                            .map(Journal.Settled::id)
                            .collect(Collectors.toSet()),
                    journal.stream()
                            .flatMap(read -> read.causes().stream())
                            .map(Journal.Cause::id)
                            .collect(Collectors.toSet()),
                    journal.flatMap(Journal::holder).isPresent(),
                    journal.flatMap(Journal::stop).isPresent()
                            && !node.changed().isEmpty(),
                    place.pods().names());
        }
    }

    /** One that was played undisturbed. */
    record Recording(List<Play.Done> requests, End end) {
        private Instant lastRequestAt() {
            return requests.getLast().at();
        }
    }

    /**
     * What came of a disturbance.
     *
     * @param request what was requested when it happened
     * @param wrong what is not as it would be undisturbed; empty where all is
     */
    record Disturbed(RecordedDeparture departure, int number, String request, Disturbance disturbance, String wrong) {
        boolean isWrong() {
            return !wrong.isEmpty();
        }

        @Override
        public String toString() {
            return "%s, %s at request %d (%s): %s".formatted(departure, disturbance, number, request, wrong);
        }
    }

    /** Plays it undisturbed. */
    Recording undisturbed(Bug bug) {
        Played played = new Played(bug, 0, Disturbance.KILLED);
        played.play.runUntil(START.plus(EVERYTHING));
        return new Recording(played.play.done(), played.end());
    }

    /**
     * Plays it with a disturbance at its request of this number, from 1 on.
     *
     * @return empty where there was nothing to disturb
     */
    Optional<Disturbed> disturbed(Recording undisturbed, int number, Disturbance disturbance, Bug bug) {
        Played played = new Played(bug, number, disturbance);
        String wrong = played.whatIsWrong(undisturbed);
        String request = undisturbed.requests().get(number - 1).action().label();
        return played.disturber.hasDisturbed()
                ? Optional.of(new Disturbed(this, number, request, disturbance, wrong))
                : Optional.empty();
    }

    private final class Played {
        private final Play play = new Play(7);
        private final Disturber disturber;

        Played(Bug bug, int number, Disturbance disturbance) {
            disturber = new Disturber(play, number, disturbance);
            setUp(play);
            play.witness(disturber).bug(bug::sees, (snapshot, decision) -> bug.decides(play, snapshot, decision));
        }

        String whatIsWrong(Recording undisturbed) {
            try {
                play.runUntil(undisturbed.lastRequestAt().plus(SETTLED_WITHIN));
                End end = end();
                int requests = play.done().size();
                play.runUntil(play.now().plus(CALM));
                List<String> later = play.done().stream()
                        .skip(requests)
                        .map(done -> done.action().label())
                        .toList();
                if (!end.equals(undisturbed.end())) {
                    return "left %s%n  instead of %s".formatted(end, undisturbed.end());
                }
                return later.isEmpty() && end().equals(end) ? "" : "is not calm: " + later;
            } catch (AssertionError | RuntimeException broken) {
                return broken.toString();
            }
        }

        private End end() {
            return new End(
                    play.places().stream().map(NodeEnd::of).toList(),
                    disturber.completed().stream().sorted().toList(),
                    play.messages().size());
        }
    }

    /** Pods that go when they are asked, one after the other as a budget has it. */
    private static void spread(Play play) {
        play.pod("first", 0, ofSeconds(5)).pod("second", 0, ofSeconds(10));
        play.pods.addBudget("web", 1, ofSeconds(8), pod -> !pod.ref().name().equals("batch"));
    }

    /** A pod that goes, and one that a budget holds back. */
    private static void held(Play play) {
        play.pod("idle", 0, ofSeconds(5)).pod(SamplePod.of("held").grace(ofSeconds(20)), ofSeconds(10));
        play.pods.addBudget("web", 0, ofSeconds(8), pod -> pod.ref().name().equals("held"));
    }
}
