package dev.glidepath.doctor.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.glidepath.doctor.Check;
import dev.glidepath.doctor.Finding;
import dev.glidepath.doctor.Finding.Level;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityRequest;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityResponse;
import software.amazon.awssdk.services.sts.model.StsException;

class CredentialsCheckTest {
    @ParameterizedTest
    @CsvSource({
        "arn:aws:sts::123456789012:assumed-role/glidepath/eks-glidepath-7d4b9c6f5, OK",
        "arn:aws:iam::123456789012:user/jane, OK",
        "arn:aws:sts::123456789012:assumed-role/nodes/i-0123456789abcdef0, WARN"
    })
    void reportsTheArnAndWarnsOfTheRoleOfANode(String arn, Level level) throws Check.NoAccess {
        assertThat(credentials(() -> arn)).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(level);
            assertThat(finding.found()).startsWith(arn);
        });
    }

    @Test
    void refusedCredentialsGiveNoAccess() {
        assertThatThrownBy(() -> credentials(() -> {
                    throw StsException.builder()
                            .statusCode(403)
                            .awsErrorDetails(AwsErrorDetails.builder()
                                    .errorCode("ExpiredToken")
                                    .errorMessage("The security token included in the request is expired")
                                    .build())
                            .build();
                }))
                .isInstanceOf(Check.NoAccess.class)
                .hasMessage("AWS refuses them: The security token included in the request is expired (ExpiredToken)");
    }

    /** In the words of the SDK, abridged. */
    @Test
    void namesARoleThatDoesNotTrustUs() {
        assertThatThrownBy(() -> credentials(() -> {
                    throw SdkClientException.create(
                            "Unable to load credentials from any of the providers in the chain AwsCredentialsProviderChain("
                                    + "...) : [WebIdentityTokenCredentialsProvider(): Not authorized to perform sts:AssumeRoleWithWebIdentity"
                                    + " (Service: Sts, Status Code: 403, Request ID: 1), ProfileCredentialsProvider(): none]");
                }))
                .isInstanceOfSatisfying(
                        Check.NoAccess.class,
                        none -> assertThat(none.finding().remedy()).startsWith("let the role trust"))
                .hasMessage(
                        "there are none: the role says we are Not authorized to perform sts:AssumeRoleWithWebIdentity");
    }

    private static List<Finding> credentials(Supplier<String> arn) throws Check.NoAccess {
        return new CredentialsCheck(new StsClient() {
                    @Override
                    public GetCallerIdentityResponse getCallerIdentity(GetCallerIdentityRequest request) {
                        return GetCallerIdentityResponse.builder()
                                .arn(arn.get())
                                .build();
                    }

                    @Override
                    public String serviceName() {
                        return SERVICE_NAME;
                    }

                    @Override
                    public void close() {}
                })
                .run();
    }
}
