package dev.glidepath.doctor;

import java.util.List;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityResponse;
import software.amazon.awssdk.services.sts.model.StsException;

/**
 * Who we are to AWS.
 *
 * @see <a href="https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html">GetCallerIdentity</a>
 */
final class CredentialsExamination implements Examination {
    private static final String HOW =
            "give the ServiceAccount a role: by EKS Pod Identity an association, by IAM roles for service"
                    + " accounts the annotation eks.amazonaws.com/role-arn; the templates in iam/ make either";

    private final StsClient sts;

    CredentialsExamination(StsClient sts) {
        this.sts = sts;
    }

    @Override
    public String about() {
        return "credentials";
    }

    @Override
    public List<Finding> look() {
        try {
            GetCallerIdentityResponse identity = sts.getCallerIdentity();
            return List.of(isOfANode(identity.arn()) ? nodesRole(identity) : Finding.ok(about(), identity.arn()));
        } catch (StsException refused) {
            return List.of(Finding.fail(about(), "AWS refuses them: " + Failures.words(refused), HOW));
        } catch (SdkClientException none) {
            return List.of(Finding.fail(about(), "there are none: " + none.getMessage(), HOW));
        }
    }

    private Finding nodesRole(GetCallerIdentityResponse identity) {
        return Finding.warn(about(), "%s is the role of the node itself".formatted(identity.arn()), HOW);
    }

    /** A session that bears an instance's id was handed out by the instance's metadata. */
    private static boolean isOfANode(String arn) {
        return arn.matches(".*:assumed-role/[^/]+/i-[0-9a-f]{8,17}");
    }
}
