package dev.glidepath.apiserver;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.AnyType;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.MicroTimeSerDes;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceList;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeList;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.WatchEvent;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseList;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetList;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachmentList;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.impl.KubernetesClientImpl;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import io.fabric8.kubernetes.internal.KubernetesDeserializer;
import io.fabric8.kubernetes.internal.KubernetesDeserializerForList;
import io.fabric8.kubernetes.internal.KubernetesDeserializerForMap;
import io.fabric8.kubernetes.model.jackson.GoIntegerDeserializer;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/**
 * Builds the client of the API server. It knows the few kinds that we watch and no other: a native image holds all that each of
 * them may contain, and there are some two thousand more.
 */
@RegisterForReflection(
        registerFullHierarchy = true,
        targets = {
            Node.class,
            NodeList.class,
            Namespace.class,
            NamespaceList.class,
            PodDisruptionBudget.class,
            PodDisruptionBudgetList.class,
            VolumeAttachment.class,
            VolumeAttachmentList.class,
            Lease.class,
            LeaseList.class,
            Status.class,
            io.fabric8.kubernetes.api.model.Config.class
        })
public final class KubernetesClients {
    private static final List<Class<? extends KubernetesResource>> WATCHED = List.of(
            Node.class, Namespace.class, PodDisruptionBudget.class, VolumeAttachment.class, Lease.class, Status.class);

    private KubernetesClients() {}

    /** A client that is to be closed. */
    public static KubernetesClient of(Config config) {
        KubernetesSerialization serialization = new KubernetesSerialization(new ObjectMapper(), false);
        WATCHED.forEach(serialization::registerKubernetesResource);
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withKubernetesSerialization(serialization)
                .withHttpClientFactory(new VertxHttpClientFactory())
                .build();
    }

    /** What Jackson and the client make, or read, by name: without ListOptions a watch would ask for a list, and say nothing. */
    @RegisterForReflection(
            targets = {
                ListOptions.class,
                WatchEvent.class,
                KubernetesDeserializer.class,
                KubernetesDeserializerForList.class,
                KubernetesDeserializerForMap.class,
                GoIntegerDeserializer.class,
                Quantity.Deserializer.class,
                Quantity.Serializer.class,
                IntOrString.class,
                AnyType.class,
                MicroTimeSerDes.Deserializer.class,
                MicroTimeSerDes.Serializer.class,
                KubernetesClientImpl.class,
                Config.ExecCredential.class,
                Config.ExecCredentialSpec.class,
                Config.ExecCredentialStatus.class
            })
    @SuppressWarnings("UnusedNestedClass") // its annotation is read when the image is built
    private static final class MadeByName {}
}
