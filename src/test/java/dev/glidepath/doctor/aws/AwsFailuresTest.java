package dev.glidepath.doctor.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.glidepath.doctor.Finding;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.model.SqsException;

class AwsFailuresTest {
    @ParameterizedTest
    @CsvSource({"503, ServiceUnavailable", "400, Throttling"})
    void warnsOfAnErrorThatMayPass(int status, String code) {
        var busy = SqsException.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage("busy")
                        .build())
                .build();

        assertThat(AwsFailures.explain("queue", busy))
                .hasValue(Finding.warn("queue", "AWS has no answer now: busy (%s)".formatted(code), "look again"));
    }

    @Test
    void warnsOfATimeout() {
        assertThat(AwsFailures.explain("queue", ApiCallTimeoutException.create(10_000)))
                .hasValueSatisfying(finding -> assertThat(finding.level()).isEqualTo(Finding.Level.WARN));
    }

    @Test
    void failsWhenAwsCannotBeReached() {
        assertThat(AwsFailures.explain("queue", SdkClientException.create("no route")))
                .hasValue(Finding.fail(
                        "queue",
                        "cannot be looked at: no route",
                        "see whether the region is right, and whether AWS can be reached from here"));
    }

    @Test
    void shortensALongMessage() {
        assertThat(AwsFailures.words(SdkClientException.create("x".repeat(1000))))
                .hasSize(304)
                .endsWith("x ...");
    }

    @Test
    void leavesOtherFailuresToOthers() {
        assertThat(AwsFailures.explain("nodes", new IOException("cable cut"))).isEmpty();
    }
}
