package dev.glidepath.lab;

import dev.glidepath.event.InstanceId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/** What EventBridge puts into a queue, as AWS documents it. */
public final class Announcement {
    private Announcement() {}

    /** EC2 takes a spot instance two minutes from then. */
    public static String spotInterruption(InstanceId instance, Instant at) {
        return ec2("EC2 Spot Instance Interruption Warning", instance, at, "\"instance-action\": \"terminate\"");
    }

    /** An instance has come to a state, such as {@code shutting-down}. */
    public static String stateChange(InstanceId instance, Instant at, String state) {
        return ec2("EC2 Instance State-change Notification", instance, at, "\"state\": \"" + state + "\"");
    }

    private static String ec2(String type, InstanceId instance, Instant at, String detail) {
        return """
                {
                  "version": "0",
                  "id": "%s",
                  "detail-type": "%s",
                  "source": "aws.ec2",
                  "account": "123456789012",
                  "time": "%s",
                  "region": "eu-west-1",
                  "resources": ["arn:aws:ec2:eu-west-1a:instance/%s"],
                  "detail": {"instance-id": "%s", %s}
                }
                """.formatted(UUID.randomUUID(), type, at.truncatedTo(ChronoUnit.SECONDS), instance, instance, detail);
    }
}
