package dev.glidepath.doctor.aws;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueuePolicyTest {
    private static final String FROM_OUR_RULES = """
            {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*",
             "Condition": {"ArnEquals": {"aws:SourceArn": ["arn:aws:events:eu-west-1:123456789012:rule/glidepath"]}}}""";
    private static final String TLS_ONLY = """
            {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*",
             "Condition": {"Bool": {"aws:SecureTransport": "false"}}}""";

    @Test
    void noPolicyLetsNobodyIn() {
        QueuePolicy none = QueuePolicy.of("");

        assertThat(none.letsEventBridgeSend()).isFalse();
        assertThat(none.refusesPlainText()).isFalse();
    }

    @Test
    void thatOfTheTemplateIsFine() {
        QueuePolicy policy = policy("[%s, %s]".formatted(FROM_OUR_RULES, TLS_ONLY));

        assertThat(policy.letsEventBridgeSend()).isTrue();
        assertThat(policy.letsAnybodysRulesSend()).isFalse();
        assertThat(policy.refusesPlainText()).isTrue();
    }

    @Test
    void statementsAloneAreReadAsWell() {
        assertThat(policy(FROM_OUR_RULES).letsEventBridgeSend()).isTrue();
        assertThat(policy(TLS_ONLY).refusesPlainText()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'Service': ['sns.amazonaws.com', 'events.amazonaws.com']}",
                "'*'",
                "{'AWS': '*'}",
                "{'AWS': ['*']}"
            })
    void eventBridgeIsMeantInManyWays(String principal) {
        assertThat(allowing(principal, "'SQS:SendMessage'").letsEventBridgeSend())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'Service': 'sns.amazonaws.com'}", "{'AWS': '123456789012'}"})
    void othersAreNotEventBridge(String principal) {
        assertThat(allowing(principal, "'sqs:SendMessage'").letsEventBridgeSend())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"'sqs:*'", "'*'", "['sqs:ReceiveMessage', 'sqs:sendmessage']"})
    void sendingIsAllowedInManyWays(String actions) {
        assertThat(allowing("{'Service': 'events.amazonaws.com'}", actions).letsEventBridgeSend())
                .isTrue();
    }

    @Test
    void receivingIsNotSending() {
        assertThat(allowing("{'Service': 'events.amazonaws.com'}", "'sqs:ReceiveMessage'")
                        .letsEventBridgeSend())
                .isFalse();
    }

    @Test
    void withoutASourceItIsAnybodysRules() {
        assertThat(allowing("{'Service': 'events.amazonaws.com'}", "'sqs:SendMessage'")
                        .letsAnybodysRulesSend())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'Bool': {'aws:SecureTransport': 'false'}}",
                "{'Bool': {'aws:SecureTransport': false}}",
                "{'BoolIfExists': {'AWS:securetransport': ['false']}}"
            })
    void tlsIsDemandedInManyWays(String condition) {
        assertThat(denying(condition).refusesPlainText()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'Bool': {'aws:SecureTransport': 'true'}}", "{}"})
    void otherDenialsDemandNoTls(String condition) {
        assertThat(denying(condition).refusesPlainText()).isFalse();
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
