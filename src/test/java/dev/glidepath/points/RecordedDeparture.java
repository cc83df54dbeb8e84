package dev.glidepath.points;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AutoScalingStandIn.ActionState.Waiting;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.LabVolume;
import dev.glidepath.lab.Workload;
import dev.glidepath.node.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A kind of departure, short enough to be run as often as it has requests, times the disturbances. */
enum RecordedDeparture {
    /**
     * 50 s are left. A budget holds one pod back until its last call, which comes early enough that a view that is old until 25 s later leaves time to
     * delete it; one pod goes at once, another is replaced under its budget.
     */
    SPOT {
        @Override
        void setUp(TestSetup setup) {
            Workload held =
                    setup.cluster().deployment("held").grace(ofSeconds(30)).createOn(setup.doomed());
            setup.cluster().budget("held", held).maxUnavailable(0);
            setup.cluster().pod("idle").on(setup.doomed()).create();
            Workload web = setup.cluster().deployment("web").createOn(setup.doomed());
            setup.cluster().budget("web", web).maxUnavailable(1);
        }

        @Override
        void announce(TestSetup setup) {
            setup.queue()
                    .send(Announcement.spotInterruption(
                            setup.doomed().instance(), Instant.now().minus(ofSeconds(70))));
        }
    },

    /** A budget lets pods go one at a time; another pod has a volume, and takes so long to end that a heartbeat is due. */
    LIFECYCLE_ACTION {
        @Override
        void setUp(TestSetup setup) {
            Workload web = setup.cluster()
                    .deployment("web")
                    .replicas(2)
                    .readyAfter(ofSeconds(3))
                    .createOn(setup.doomed());
            setup.cluster().budget("web", web).maxUnavailable(1);
            LabVolume data = LabVolume.named(setup.cluster(), "data")
                    .createVolume()
                    .createClaim()
                    .awaitBound();
            setup.add(data);
            setup.cluster()
                    .statefulSet("db")
                    .claim("data")
                    .exitAfter(ofSeconds(24))
                    .createOn(setup.doomed());
            data.attachTo(setup.doomed());
        }

        @Override
        void announce(TestSetup setup) {
            setup.autoScaling().addHook(Hook.of("workers", "drain").withHeartbeatTimeout(ofSeconds(45)));
            setup.add(setup.autoScaling()
                    .terminate("workers", setup.doomed().instance(), setup.queue())
                    .getFirst());
        }
    },

    /**
     * Noticed so long ago that the machine should be gone in a minute, and it is not. A message that comes again, after half a minute, is to come
     * before that: later it is about a machine that has survived already.
     */
    SPOT_THAT_IS_SURVIVED {
        @Override
        void setUp(TestSetup setup) {
            setup.cluster().deployment("web").createOn(setup.doomed());
        }

        @Override
        void announce(TestSetup setup) {
            setup.queue()
                    .send(Announcement.spotInterruption(
                            setup.doomed().instance(),
                            Instant.now().minus(GONE_FOR_SURE).plusSeconds(60)));
        }

        @Override
        boolean isOver(TestSetup setup) {
            return super.isOver(setup) && !setup.cluster().isCordoned(setup.doomed());
        }
    },

    /** The machine goes already. The shortest there is: for trying this package itself. */
    SHUTTING_DOWN {
        @Override
        void setUp(TestSetup setup) {
            setup.cluster().deployment("web").createOn(setup.doomed());
        }

        @Override
        void announce(TestSetup setup) {
            setup.queue().send(Announcement.stateChange(setup.doomed().instance(), Instant.now(), "shutting-down"));
        }
    };

    /** From a spot interruption warning on. */
    private static final Duration GONE_FOR_SURE = ofMinutes(12);

    /** Those of a whole run. */
    static List<RecordedDeparture> all() {
        return List.of(SPOT, LIFECYCLE_ACTION, SPOT_THAT_IS_SURVIVED);
    }

    /** Makes what the node to be drained runs. */
    abstract void setUp(TestSetup setup);

    /** Has the program told. */
    abstract void announce(TestSetup setup);

    /** Whether nothing is left to be done. */
    boolean isOver(TestSetup setup) {
        boolean isHeld = setup.action()
                .filter(action -> setup.autoScaling().stateOf(action) instanceof Waiting)
                .isPresent();
        return !isHeld
                && setup.queue().isEmpty()
                && setup.cluster()
                        .journal(setup.doomed())
                        .filter(journal -> journal.state() == Journal.State.SETTLED)
                        .isPresent()
                && setup.cluster().podsOn(setup.doomed()).isEmpty();
    }
}
