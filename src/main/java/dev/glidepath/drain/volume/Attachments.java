package dev.glidepath.drain.volume;

import dev.glidepath.apiserver.ReducedInformer;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Which volumes are attached to which node, kept by an informer. A VolumeAttachment is there until its volume is detached, and
 * counts for as long as it is there.
 *
 * @see <a href="https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume-attachment-v1/">VolumeAttachment</a>
 */
public final class Attachments implements AutoCloseable {
    private record Attachment(String node, String volume) {}

    private final ReducedInformer<VolumeAttachment, Attachment> attachments;

    /** Nothing is asked of the API server before {@link #start}. */
    public Attachments(KubernetesClient kubernetes) {
        attachments = new ReducedInformer<>(
                kubernetes, VolumeAttachment.class, "VolumeAttachments", Attachments::reduce, Attachment::node);
    }

    /** Begins to list and watch, and goes on trying for as long as it takes. */
    public void start() {
        attachments.start();
    }

    /** Whether the list has been read once: before that, an attachment that is not found may yet exist. */
    public boolean isSynced() {
        return attachments.isSynced();
    }

    /** The names of the PersistentVolumes attached to the node of this name. */
    public Set<String> attachedTo(String node) {
        return attachments.in(node).stream().map(Attachment::volume).collect(Collectors.toUnmodifiableSet());
    }

    /** Tells of each node to which a volume has been attached, or from which one has gone, on the informer's thread: be brief. */
    public void onChange(Consumer<String> listener) {
        attachments.onChange(attachment -> listener.accept(attachment.node()));
        attachments.onRemoval(attachment -> listener.accept(attachment.node()));
    }

    @Override
    public void close() {
        attachments.close();
    }

    /** Nothing for a volume written into a pod without a PersistentVolume: no claim leads to it. */
    private static Optional<Attachment> reduce(VolumeAttachment attachment) {
        var spec = attachment.getSpec();
        return Optional.ofNullable(spec.getSource().getPersistentVolumeName())
                .map(volume -> new Attachment(spec.getNodeName(), volume));
    }
}
