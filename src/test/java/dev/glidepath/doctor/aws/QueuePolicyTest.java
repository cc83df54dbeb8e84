package dev.glidepath.doctor.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.lab.TestFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueuePolicyTest {
    @Test
    void anEmptyPolicyLetsNothingIn() {
        QueuePolicy none = QueuePolicy.of("");

        assertThat(none.letsEventBridgeSend()).isFalse();
        assertThat(none.requiresTls()).isFalse();
    }

    @Test
    void acceptsThePolicyOfTheTemplate() {
        QueuePolicy policy = file("queue-policy.json");

        assertThat(policy.letsEventBridgeSend()).isTrue();
        assertThat(policy.letsAnyRuleSend()).isFalse();
        assertThat(policy.requiresTls()).isTrue();
    }

    @Test
    void seesWhatAPolicyLacks() {
        assertThat(file("queue-policy-without-event-bridge.json").letsEventBridgeSend())
                .isFalse();
        assertThat(file("queue-policy-for-any-rule.json").letsAnyRuleSend()).isTrue();
        assertThat(file("queue-policy-without-tls.json").requiresTls()).isFalse();
    }

    @Test
    void readsASingleStatement() {
        QueuePolicy eventBridge = file("queue-policy-single-statement-event-bridge.json");

        assertThat(eventBridge.letsEventBridgeSend()).isTrue();
        assertThat(eventBridge.letsAnyRuleSend()).isFalse();
        assertThat(file("queue-policy-single-statement-tls.json").requiresTls()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'Service': ['sns.amazonaws.com', 'events.amazonaws.com']}",
                "'*'",
                "{'AWS': '*'}",
                "{'AWS': ['*']}"
            })
    void readsEachFormOfThePrincipal(String principal) {
        assertThat(allowing(principal, "'SQS:SendMessage'").letsEventBridgeSend())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'Service': 'sns.amazonaws.com'}", "{'AWS': '123456789012'}"})
    void ignoresOtherPrincipals(String principal) {
        assertThat(allowing(principal, "'sqs:SendMessage'").letsEventBridgeSend())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"'sqs:*'", "'*'", "['sqs:ReceiveMessage', 'sqs:sendmessage']"})
    void readsEachFormOfTheAction(String actions) {
        assertThat(allowing("{'Service': 'events.amazonaws.com'}", actions).letsEventBridgeSend())
                .isTrue();
    }

    @Test
    void ignoresOtherActions() {
        assertThat(allowing("{'Service': 'events.amazonaws.com'}", "'sqs:ReceiveMessage'")
                        .letsEventBridgeSend())
                .isFalse();
    }

    @Test
    void withoutASourceAnyRuleMaySend() {
        assertThat(allowing("{'Service': 'events.amazonaws.com'}", "'sqs:SendMessage'")
                        .letsAnyRuleSend())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'Bool': {'aws:SecureTransport': 'false'}}",
                "{'Bool': {'aws:SecureTransport': false}}",
                "{'BoolIfExists': {'AWS:securetransport': ['false']}}"
            })
    void readsEachFormOfTheTlsCondition(String condition) {
        assertThat(denying(condition).requiresTls()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'Bool': {'aws:SecureTransport': 'true'}}", "{}"})
    void ignoresOtherDenials(String condition) {
        assertThat(denying(condition).requiresTls()).isFalse();
    }

    private static QueuePolicy file(String name) {
        return QueuePolicy.of(TestFile.read("doctor/" + name));
    }

    private static QueuePolicy allowing(String principal, String actions) {
        return policy("""
                {'Effect': 'Allow', 'Principal': %s, 'Action': %s, 'Resource': '*'}""".formatted(principal, actions).replace('\'', '"'));
    }

    private static QueuePolicy denying(String condition) {
        return policy("""
                {'Effect': 'Deny', 'Principal': '*', 'Action': 'sqs:*', 'Resource': '*', 'Condition': %s}""".formatted(condition).replace('\'', '"'));
    }

    private static QueuePolicy policy(String statements) {
        return QueuePolicy.of("{\"Version\": \"2012-10-17\", \"Statement\": %s}".formatted(statements));
    }
}
