package dev.glidepath.apiserver;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.internal.KubernetesDeserializer;
import io.fabric8.kubernetes.internal.KubernetesDeserializerForList;
import io.fabric8.kubernetes.internal.KubernetesDeserializerForMap;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * What Jackson and fabric8's client make by name when they read a kubeconfig or the answer of an exec plugin: a native image has
 * to know it beforehand.
 */
@RegisterForReflection(registerFullHierarchy = true, targets = io.fabric8.kubernetes.api.model.Config.class)
final class KubeconfigModel {
    private KubeconfigModel() {}

    @RegisterForReflection(
            targets = {
                KubernetesDeserializer.class,
                KubernetesDeserializerForList.class,
                KubernetesDeserializerForMap.class,
                Config.ExecCredential.class,
                Config.ExecCredentialSpec.class,
                Config.ExecCredentialStatus.class
            })
    @SuppressWarnings("UnusedNestedClass") // its annotation is read when the image is built
    private static final class WithoutHierarchy {}
}
