package dev.glidepath.doctor.aws;

import dev.glidepath.doctor.Check;
import dev.glidepath.doctor.Finding;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.StsException;

/**
 * Checks that AWS accepts our credentials, and that they are not those of the node.
 *
 * @see <a href="https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html">GetCallerIdentity</a>
 */
final class CredentialsCheck implements Check {
    private static final String HOW =
            "give the ServiceAccount a role: by EKS Pod Identity an association, by IAM roles for service"
                    + " accounts the annotation eks.amazonaws.com/role-arn; the templates in iam/ make either";

    /** The instance metadata service names its sessions by the instance id. */
    private static final Pattern OF_A_NODE = Pattern.compile(".*:assumed-role/[^/]+/i-[0-9a-f]{8,17}");

    /** The part of the long SDK message that shows a role which does not trust the ServiceAccount. */
    private static final Pattern NOT_TRUSTED =
            Pattern.compile("not authorized to perform:? ?sts:\\w+", Pattern.CASE_INSENSITIVE);

    private final StsClient sts;

    CredentialsCheck(StsClient sts) {
        this.sts = sts;
    }

    @Override
    public String about() {
        return CREDENTIALS;
    }

    @Override
    public List<Finding> run() throws NoAccess {
        try {
            String arn = sts.getCallerIdentity().arn();
            return List.of(
                    OF_A_NODE.matcher(arn).matches()
                            ? Finding.warn(about(), arn + " is the role of the node itself", HOW)
                            : Finding.ok(about(), arn));
        } catch (StsException refused) {
            if (AwsFailures.isPassing(refused)) {
                throw refused;
            }
            throw new NoAccess(Finding.fail(about(), "AWS refuses them: " + AwsFailures.words(refused), HOW));
        } catch (SdkClientException failed) {
            String words = String.valueOf(failed.getMessage());
            if (words.startsWith("Unable to load credentials")) {
                throw new NoAccess(none(words));
            }
            return List.of(Finding.warn(
                    about(),
                    "STS does not tell whose they are: " + AwsFailures.words(failed),
                    "nothing, if STS is not to be reached from here and the queue is"));
        }
    }

    private Finding none(String words) {
        Matcher notTrusted = NOT_TRUSTED.matcher(words);
        return notTrusted.find()
                ? Finding.fail(
                        about(),
                        "there are none: the role says we are " + notTrusted.group(),
                        "let the role trust this cluster's ServiceAccount: Namespace and ServiceAccount of the template in iam/")
                : Finding.fail(about(), "there are none", HOW);
    }
}
