package dev.glidepath.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueueUrlTest {
    private final QueueUrl.FromText fromText = new QueueUrl.FromText();

    @ParameterizedTest
    @CsvSource({
        "https://sqs.eu-west-1.amazonaws.com/123456789012/glidepath, eu-west-1",
        "https://sqs.us-gov-west-1.amazonaws.com/123456789012/glidepath, us-gov-west-1",
        "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/glidepath, cn-north-1",
        "https://sqs.eu-west-1.api.aws/123456789012/glidepath, eu-west-1",
        "https://eu-west-1.queue.amazonaws.com/123456789012/glidepath, eu-west-1"
    })
    void tellsItsRegion(String text, String region) {
        assertThat(fromText.convert(text).region()).contains(region);
    }

    @ParameterizedTest
    @CsvSource({
        "https://sqs.eu-west-1.amazonaws.com/123456789012/glidepath, arn:aws:sqs:eu-west-1:123456789012:glidepath",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/glidepath/, arn:aws:sqs:eu-west-1:123456789012:glidepath",
        "https://sqs.eu-west-1.api.aws/123456789012/glidepath, arn:aws:sqs:eu-west-1:123456789012:glidepath",
        "https://eu-west-1.queue.amazonaws.com/123456789012/q-1_a, arn:aws:sqs:eu-west-1:123456789012:q-1_a",
        "https://sqs.us-gov-west-1.amazonaws.com/123456789012/q, arn:aws-us-gov:sqs:us-gov-west-1:123456789012:q",
        "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q, arn:aws-cn:sqs:cn-north-1:123456789012:q"
    })
    void tellsItsArnWhereItIsOfTheFormThatAwsGivesIt(String text, String arn) {
        assertThat(fromText.convert(text).arn()).contains(arn);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://queue.amazonaws.com/123456789012/glidepath",
                "https://vpce-1-abc.sqs.eu-west-1.vpce.amazonaws.com/123456789012/glidepath",
                "https://sqs.eusc-de-east-1.amazonaws.eu/123456789012/glidepath",
                "https://sqs.eu-west-1.amazonaws.com/glidepath",
                "https://sqs.eu-west-1.amazonaws.com/proxy/123456789012/glidepath",
                "http://localhost:4566/000000000000/glidepath"
            })
    void tellsNoArnOtherwise(String text) {
        assertThat(fromText.convert(text).arn()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://queue.amazonaws.com/123456789012/glidepath",
                "https://vpce-1-abc.sqs.eu-west-1.vpce.amazonaws.com/123456789012/glidepath",
                "https://sqs.eu-west-1.example.com/123456789012/glidepath",
                "http://localhost:4566/000000000000/glidepath",
                "http://127.0.0.1:9324/queue/glidepath/"
            })
    void tellsNoRegionWhereItsHostDoesNot(String text) {
        assertThat(fromText.convert(text).region()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "glidepath",
                "arn:aws:sqs:eu-west-1:123456789012:glidepath",
                "https://sqs.eu-west-1.amazonaws.com",
                "https://sqs.eu-west-1.amazonaws.com/",
                "https:///123456789012/glidepath",
                "https:123456789012",
                "ftp://sqs.eu-west-1.amazonaws.com/123456789012/glidepath",
                "https://sqs.eu-west-1.amazonaws.com//glidepath",
                "https://sqs.eu-west-1.amazonaws.com/my queue",
                "https://{region}/queue"
            })
    void isNothingElse(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> fromText.convert(text));
    }

    @Test
    void comesFreeOfTheSpacesAroundIt() {
        assertThat(fromText.convert(" https://sqs.eu-west-1.amazonaws.com/1/q\n")
                        .value())
                .isEqualTo(URI.create("https://sqs.eu-west-1.amazonaws.com/1/q"));
    }
}
