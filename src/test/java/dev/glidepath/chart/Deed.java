package dev.glidepath.chart;

import static dev.glidepath.lab.AuditLog.to;
import static java.time.Duration.ofSeconds;

import dev.glidepath.lab.Announcement;
import dev.glidepath.lab.AutoScalingStandIn.Hook;
import dev.glidepath.lab.AutoScalingStandIn.Place;
import dev.glidepath.lab.LabVolume;
import dev.glidepath.lab.Workload;
import dev.glidepath.observe.LogEvent;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;

/** Something that the daemon is for, and the rule of the chart's roles without which it cannot. */
enum Deed {
    FIND_THE_NODE("nodes: list, watch") {
        @Override
        void begin(Scene scene) {
            notice(scene, Duration.ZERO);
        }

        @Override
        boolean isDone(Scene scene) {
            return !scene.daemon().told(LogEvent.NODE_CORDONED).isEmpty();
        }
    },
    CORDON_IT("nodes: patch") {
        @Override
        void begin(Scene scene) {
            notice(scene, Duration.ZERO);
        }

        @Override
        boolean isDone(Scene scene) {
            return scene.cluster().isCordoned(scene.doomed())
                    && scene.cluster().journal(scene.doomed()).isPresent();
        }
    },
    SEE_ITS_PODS("pods: list, watch") {
        @Override
        void begin(Scene scene) {
            scene.cluster().deployment("web").createOn(scene.doomed());
            notice(scene, Duration.ZERO);
        }

        @Override
        boolean isDone(Scene scene) {
            return !scene.daemon().told(LogEvent.POD_EVICTED).isEmpty();
        }
    },
    EVICT_THEM("pods/eviction: create") {
        @Override
        void begin(Scene scene) {
            scene.cluster().deployment("web").createOn(scene.doomed());
            notice(scene, Duration.ZERO);
        }

        @Override
        boolean isDone(Scene scene) {
            return scene.cluster().podsOn(scene.doomed()).isEmpty();
        }
    },
    WAIT_FOR_A_BUDGET("poddisruptionbudgets: list, watch") {
        @Override
        void begin(Scene scene) {
            stuckPod(scene, ofSeconds(10));
            notice(scene, Duration.ZERO);
        }

        @Override
        boolean isDone(Scene scene) {
            return !scene.daemon().told(LogEvent.EVICTION_BLOCKED).isEmpty()
                    && scene.calls().noneMatch(to("create", "pods/eviction"));
        }
    },
    HEED_A_NAMESPACES_WISH("namespaces: list, watch") {
        @Override
        void begin(Scene scene) {
            scene.cluster()
                    .client()
                    .namespaces()
                    .withName(scene.cluster().namespace())
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"metadata\": {\"annotations\": {\"glidepath.dev/drain\": \"skip\"}}}");
            scene.cluster().deployment("web").createOn(scene.doomed());
            notice(scene, Duration.ZERO);
        }

        @Override
        boolean isDone(Scene scene) {
            return !scene.daemon().told(LogEvent.DEPARTURE_SETTLED).isEmpty()
                    && scene.cluster().podsOn(scene.doomed()).size() == 1;
        }
    },
    FIND_A_PODS_VOLUME("persistentvolumeclaims: get") {
        @Override
        void begin(Scene scene) {
            terminateWithAVolumeAttached(scene);
        }

        @Override
        boolean isDone(Scene scene) {
            return isHeldAfterItsLastPod(scene);
        }
    },
    WAIT_UNTIL_IT_IS_DETACHED("volumeattachments: list, watch") {
        @Override
        void begin(Scene scene) {
            terminateWithAVolumeAttached(scene);
        }

        @Override
        boolean isDone(Scene scene) {
            return isHeldAfterItsLastPod(scene);
        }
    },
    TELL_IT_IN_EVENTS("events: create") {
        @Override
        void begin(Scene scene) {
            notice(scene, Duration.ZERO);
        }

        @Override
        boolean isDone(Scene scene) {
            return scene.plane().client().v1().events().inNamespace("default").list().getItems().stream()
                    .anyMatch(event -> event.getInvolvedObject()
                                    .getName()
                                    .equals(scene.doomed().name())
                            && event.getReason().equals("NodeCordoned"));
        }
    },
    DELETE_AT_THE_LAST_CALL("pods: delete") {
        @Override
        void begin(Scene scene) {
            stuckPod(scene, ofSeconds(10));
            scene.daemon().awaitReady(); // its last call is ten seconds away
            notice(scene, ofSeconds(95));
        }

        @Override
        boolean isDone(Scene scene) {
            return scene.cluster().podsOn(scene.doomed()).stream().anyMatch(Deed::isTerminating);
        }
    },
    /** A Job's pod alone: others do not care why they go. */
    MARK_WHOM_IT_DELETES("pods/status: patch") {
        @Override
        void begin(Scene scene) {
            stuckPodOfAJob(scene);
            scene.daemon().awaitReady(); // its last call is ten seconds away
            notice(scene, ofSeconds(95));
        }

        @Override
        boolean isDone(Scene scene) {
            return scene.cluster().podsOn(scene.doomed()).stream()
                    .filter(Deed::isTerminating)
                    .anyMatch(pod -> pod.getStatus().getConditions().stream()
                            .anyMatch(condition -> condition.getType().equals("DisruptionTarget")));
        }
    },
    KNOW_THE_OTHER_REPLICAS("leases: list, watch") {
        @Override
        void begin(Scene scene) {}

        @Override
        boolean isDone(Scene scene) {
            return scene.daemon().isReady();
        }
    },
    BE_KNOWN_TO_THEM("leases: get, create, update, delete") {
        @Override
        void begin(Scene scene) {}

        @Override
        boolean isDone(Scene scene) {
            return scene.plane()
                            .client()
                            .leases()
                            .inNamespace(scene.cluster().namespace())
                            .withName(scene.daemon().podName())
                            .get()
                    != null;
        }
    },
    /** Back from the warm pool, a node is given back once its kubelet has shown that it lives. */
    ASK_WHETHER_A_KUBELET_LIVES("leases: get") {
        @Override
        void begin(Scene scene) {
            scene.autoScaling().addHook(Hook.of("workers", "drain"));
            scene.autoScaling().addHook(Hook.launching("workers", "glidepath-join"));
            scene.autoScaling().terminate("workers", scene.doomed().instance(), Place.WARM_POOL, scene.queue());
            scene.daemon().await1(LogEvent.DEPARTURE_SETTLED);
            scene.cluster().notReady(scene.doomed());
            scene.autoScaling()
                    .launch(
                            "workers",
                            scene.doomed().instance(),
                            Place.WARM_POOL,
                            Place.AUTO_SCALING_GROUP,
                            scene.queue());
            scene.cluster().reboots(scene.doomed());
        }

        @Override
        boolean isDone(Scene scene) {
            return scene.calls()
                    .filter(to("get", "leases"))
                    .filter(call -> call.name().equals(scene.doomed().name()))
                    .anyMatch(call -> call.code() == 200);
        }
    };

    private final String rule;

    Deed(String rule) {
        this.rule = rule;
    }

    /** The rule that allows it, as the chart tells it. */
    String rule() {
        return rule;
    }

    /** Gives the daemon what it is to do. */
    abstract void begin(Scene scene);

    /** Whether it has. */
    abstract boolean isDone(Scene scene);

    private static void notice(Scene scene, Duration ago) {
        scene.queue()
                .send(Announcement.spotInterruption(
                        scene.doomed().instance(), Instant.now().minus(ago)));
    }

    /** One that its budget never lets go, and that takes all of its grace. */
    private static void stuckPod(Scene scene, Duration grace) {
        Workload stuck = scene.cluster()
                .deployment("stuck")
                .grace(grace)
                .exitAfter(ofSeconds(60))
                .createOn(scene.doomed());
        scene.cluster().budget("stuck", stuck).maxUnavailable(0);
    }

    private static void stuckPodOfAJob(Scene scene) {
        scene.cluster()
                .client()
                .resource(new JobBuilder()
                        .withNewMetadata()
                        .withName("stuck")
                        .withNamespace(scene.cluster().namespace())
                        .endMetadata()
                        .withNewSpec()
                        .withNewTemplate()
                        .withNewMetadata()
                        .addToLabels("app", "stuck")
                        .addToAnnotations("lab/exit-after", "60s")
                        .endMetadata()
                        .withNewSpec()
                        .withRestartPolicy("Never")
                        .withTerminationGracePeriodSeconds(10L)
                        .withNodeName(scene.doomed().name())
                        .addNewContainer()
                        .withName("app")
                        .withImage("app")
                        .endContainer()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build())
                .create();
        Workload stuck = new Workload(scene.cluster(), "stuck", 1).awaitReady();
        scene.cluster().budget("stuck", stuck).minAvailable(1);
    }

    private static boolean isTerminating(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    private static void terminateWithAVolumeAttached(Scene scene) {
        scene.autoScaling().addHook(Hook.of("workers", "drain"));
        LabVolume data = LabVolume.named(scene.cluster(), "data")
                .createVolume()
                .createClaim()
                .awaitBound();
        scene.cluster().pod("db").claim("data").on(scene.doomed()).create();
        data.attachTo(scene.doomed());
        scene.autoScaling().terminate("workers", scene.doomed().instance(), scene.queue());
    }

    /** Its pods are gone for seconds, and Auto Scaling has not been told to go on. */
    private static boolean isHeldAfterItsLastPod(Scene scene) {
        return scene.cluster().podsOn(scene.doomed()).isEmpty()
                && scene.daemon().told(LogEvent.POD_EVICTED).stream()
                        .anyMatch(line -> line.at().isBefore(Instant.now().minus(ofSeconds(5))))
                && scene.autoScaling().calls().stream()
                        .noneMatch(call -> call.action().equals("CompleteLifecycleAction"));
    }
}
