package dev.glidepath.lab;

import dev.glidepath.event.InstanceId;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** A worker node as EC2 would have it: a Kubernetes name and the instance behind it. */
public record LabNode(String name, InstanceId instance) {
    static final String ZONE = "eu-west-1a";

    static LabNode named(String name) {
        var random = RandomGenerator.getDefault();
        var hex = HexFormat.of().toHexDigits(random.nextLong()) + HexFormat.of().toHexDigits(random.nextInt(16), 1);
        return new LabNode(name, new InstanceId("i-" + hex));
    }

    /** As the AWS cloud provider writes it into {@code spec.providerID}. */
    public String providerId() {
        return "aws:///" + ZONE + "/" + instance;
    }
}
