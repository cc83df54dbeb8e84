package dev.glidepath.drain.volume;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.apiserver.watch.ReducedInformer;
import dev.glidepath.apiserver.watch.ReducedInformer.Watching;
import dev.glidepath.apiserver.watch.Watch;
import dev.glidepath.apiserver.watch.Watcher;
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

    private final ReducedInformer<Attachment> attachments;

    /** Nothing is asked of the API server before {@link #start}. */
    public Attachments(Watcher watcher) {
        attachments = new ReducedInformer<>(
                watcher,
                Watch.Kind.all(
                        "/apis/storage.k8s.io/v1/volumeattachments",
                        "VolumeAttachments",
                        Set.of("spec/nodeName", "spec/source/persistentVolumeName"),
                        Attachments::reduce),
                Attachment::node);
    }

    /** Begins to list and watch, and goes on trying for as long as it takes. */
    public void start() {
        attachments.start();
    }

    /** Whether the list has been read once: before that, an attachment that is not found may yet exist. */
    public boolean isSynced() {
        return attachments.isSynced();
    }

    /** How well they are watched. */
    public Watching watching() {
        return attachments.watching();
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
    private static Optional<Attachment> reduce(JsonNode attachment) {
        JsonNode spec = attachment.path("spec");
        return Optional.of(spec.path("source").path("persistentVolumeName").asText())
                .filter(volume -> !volume.isEmpty())
                .map(volume -> new Attachment(spec.path("nodeName").asText(), volume));
    }
}
