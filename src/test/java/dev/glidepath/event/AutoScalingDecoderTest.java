package dev.glidepath.event;

import static dev.glidepath.event.SampleBody.quoted;
import static dev.glidepath.event.SampleBody.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.glidepath.event.Decoded.Ignored;
import dev.glidepath.event.Decoded.Reason;
import dev.glidepath.event.Decoded.Undecodable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AutoScalingDecoderTest {
    static Stream<Arguments> oddFields() {
        return Stream.of(
                arguments("AutoScalingGroupName", "null", "AutoScalingGroupName is missing"),
                arguments("AutoScalingGroupName", quoted("a\0b"), "AutoScalingGroupName is not plain text"),
                arguments("AutoScalingGroupName", "\"\\ud800\"", "AutoScalingGroupName is not plain text"),
                arguments("LifecycleHookName", "1", "LifecycleHookName is missing"),
                arguments("LifecycleHookName", quoted("h".repeat(5000)), "LifecycleHookName is not plain text"),
                arguments("LifecycleActionToken", "\"\"", "LifecycleActionToken is missing"),
                arguments("LifecycleActionToken", "\"to ken\"", "LifecycleActionToken is not an id"),
                arguments("LifecycleActionToken", "\"to#ken\"", "LifecycleActionToken is not an id"),
                arguments("EC2InstanceId", "null", "EC2InstanceId is missing"),
                arguments("EC2InstanceId", "\"i-1\"", "EC2InstanceId is not an instance id"));
    }

    @ParameterizedTest
    @MethodSource("oddFields")
    void oddFieldIsNamedAndNotQuotedByEitherRoute(String field, String value, String why) {
        assertThat(SampleBody.decoded(with("asg-terminate.json", "/detail", field, value)))
                .isEqualTo(new Undecodable(why));
        assertThat(SampleBody.decoded(with("asg-launch.json", "/detail", field, value)))
                .isEqualTo(new Undecodable(why));
        assertThat(SampleBody.decoded(with("asg-direct-sqs-terminate.json", "", field, value)))
                .isEqualTo(new Undecodable(why));
        assertThat(SampleBody.decoded(with("asg-direct-sqs-launch.json", "", field, value)))
                .isEqualTo(new Undecodable(why));
    }

    @Test
    void timeIsReadFromItsOwnEnvelope() {
        assertThat(SampleBody.notes(with("asg-terminate.json", "", "time", "\"soon\"")))
                .containsExactly("time is not a time: the message counts as of when it came into the queue");
        assertThat(SampleBody.notes(with("asg-direct-sqs-terminate.json", "", "Time", "\"soon\"")))
                .containsExactly("Time is not a time: the message counts as of when it came into the queue");
    }

    @Test
    void aGroupMayBeNamedInAnyScript() {
        assertThat(SampleBody.decoded(
                        with("asg-terminate.json", "/detail", "AutoScalingGroupName", quoted("Grüße 𝒲"))))
                .isInstanceOf(Decoded.Announced.class);
    }

    @Test
    void testNotificationMayComeAsATransition() {
        assertThat(SampleBody.decoded(with(
                        "asg-direct-sqs-terminate.json",
                        "",
                        "LifecycleTransition",
                        quoted("autoscaling:TEST_NOTIFICATION"))))
                .isEqualTo(new Ignored(Reason.TEST_NOTIFICATION, "notification of Auto Scaling"));
    }

    @Test
    void aTransitionNobodyKnowsIsReportedAsSuch() {
        String transition = quoted("autoscaling:EC2_INSTANCE_SLEEPING");

        assertThat(SampleBody.decoded(with("asg-terminate.json", "/detail", "LifecycleTransition", transition)))
                .isEqualTo(new Ignored(Reason.UNKNOWN_KIND, "EC2 Instance-terminate Lifecycle Action"));
        assertThat(SampleBody.decoded(with("asg-direct-sqs-launch.json", "", "LifecycleTransition", transition)))
                .isEqualTo(new Ignored(Reason.UNKNOWN_KIND, "notification of Auto Scaling"));
    }

    @ParameterizedTest
    @CsvSource({"asg-terminate.json", "asg-launch.json"})
    void aLifecycleActionThatDoesNotSayWhichCannotBeRead(String file) {
        assertThat(SampleBody.decoded(SampleBody.without(file, "/detail", "LifecycleTransition")))
                .isEqualTo(new Undecodable("LifecycleTransition is missing"));
    }
}
