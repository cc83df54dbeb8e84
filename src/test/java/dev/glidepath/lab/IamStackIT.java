package dev.glidepath.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.sqs.SqsClient;

class IamStackIT {
    @Test
    void bringsAnEventFromTheBusToTheQueue() {
        try (var stack = IamStack.start("AutoScalingGroups=workers-*");
                var eventBridge = stack.client(EventBridgeClient.builder());
                var sqs = stack.client(SqsClient.builder())) {
            eventBridge.putEvents(request -> request.entries(PutEventsRequestEntry.builder()
                    .source("aws.ec2")
                    .detailType("EC2 Spot Instance Interruption Warning")
                    .detail("""
                            {"instance-id": "i-0123456789abcdef0", "instance-action": "terminate"}""")
                    .build()));

            var received = sqs.receiveMessage(
                    request -> request.queueUrl(stack.queueUrl().toString()).waitTimeSeconds(5));
            assertThat(received.messages())
                    .singleElement()
                    .satisfies(message -> assertThat(message.body())
                            .contains("EC2 Spot Instance Interruption Warning", "i-0123456789abcdef0"));
            assertThat(stack.output("QueueUrl")).endsWith("/glidepath-demo");
        }
    }

    @Test
    void tellsWhyItCannotBeMade() {
        assertThatThrownBy(() -> IamStack.start("Colour=blue").close()).hasMessageContaining("Colour");
    }
}
