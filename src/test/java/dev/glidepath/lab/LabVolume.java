package dev.glidepath.lab;

import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachmentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;

/**
 * A claim of a test's namespace, and the volume it will be bound to. There is no attacher in the lab: what one would do to a
 * VolumeAttachment is done by hand.
 *
 * @param claim the PersistentVolumeClaim's name
 * @param name the PersistentVolume's name, which nobody else has
 */
public record LabVolume(TestCluster cluster, String claim, String name) implements AutoCloseable {
    private static final String DRIVER = "ebs.csi.aws.com";
    private static final Map<String, Quantity> SIZE = Map.of("storage", new Quantity("1Gi"));

    /** Nothing is made yet. */
    public static LabVolume named(TestCluster cluster, String claim) {
        return new LabVolume(cluster, claim, cluster.namespace() + "-" + claim);
    }

    /** Makes the claim, which is bound as soon as there is a volume, too. */
    public LabVolume createClaim() {
        client().resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withNamespace(cluster.namespace())
                        .withName(claim)
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes("ReadWriteOnce")
                        .withStorageClassName(cluster.namespace())
                        .withNewResources()
                        .withRequests(SIZE)
                        .endResources()
                        .endSpec()
                        .build())
                .create();
        return this;
    }

    /** Makes the volume. */
    public LabVolume createVolume() {
        client().resource(new PersistentVolumeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes("ReadWriteOnce")
                        .withStorageClassName(cluster.namespace())
                        .withPersistentVolumeReclaimPolicy("Retain")
                        .withCapacity(SIZE)
                        .withNewCsi()
                        .withDriver(DRIVER)
                        .withVolumeHandle("vol-0a1b2c3d4e5f60001")
                        .endCsi()
                        .endSpec()
                        .build())
                .create();
        return this;
    }

    /** Waits until the claim is bound, at most a minute. */
    public LabVolume awaitBound() {
        cluster.await(
                claim + " to be bound",
                () -> "Bound"
                        .equals(client().persistentVolumeClaims()
                                .inNamespace(cluster.namespace())
                                .withName(claim)
                                .get()
                                .getStatus()
                                .getPhase()));
        return this;
    }

    /** Attaches it to a node. */
    public VolumeAttachment attachTo(LabNode node) {
        return client().resource(new VolumeAttachmentBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withNewSpec()
                        .withAttacher(DRIVER)
                        .withNodeName(node.name())
                        .withNewSource()
                        .withPersistentVolumeName(name)
                        .endSource()
                        .endSpec()
                        .build())
                .create();
    }

    /** Detaches it. */
    public void detach() {
        client().storage()
                .v1()
                .volumeAttachments()
                .withName(name)
                .withGracePeriod(0)
                .delete();
    }

    /** Takes away what has no namespace to go with. */
    @Override
    public void close() {
        detach();
        client().persistentVolumes().withName(name).delete();
    }

    private KubernetesClient client() {
        return cluster.client();
    }
}
