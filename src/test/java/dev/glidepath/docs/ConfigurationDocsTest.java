package dev.glidepath.docs;

import dev.glidepath.config.GlidepathConfig;
import dev.glidepath.config.Option;
import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigurationDocsTest {
    private final Javadoc javadoc = Javadoc.of(GlidepathConfig.class);

    @Test
    void pageTellsEveryOption() {
        new ReferencePage(
                        "configuration.md",
                        "Configuration",
                        "Every environment variable Glidepath reads, what it expects, and what holds without it.")
                .paragraph(
                        "All of them are checked when the program starts. What is wrong is told in one line each and ends it"
                                + " with exit code 2, before anything is touched. A variable that begins with `GLIDEPATH_` and is none of"
                                + " these is warned of. One that is set to nothing is wrong: leave it out instead.")
                .table(
                        List.of("variable", "default", "expects", "description"),
                        Option.all().stream().map(this::row).toList())
                .section("AWS")
                .paragraph("Credentials, region and endpoints are those of the AWS SDK for Java and its default chain:"
                        + " `AWS_REGION` (needed where the queue's URL does not tell the region);"
                        + " `AWS_ENDPOINT_URL`, or `AWS_ENDPOINT_URL_SQS` and `AWS_ENDPOINT_URL_AUTO_SCALING` for one service"
                        + " alone, where requests go elsewhere than to AWS's public endpoints;"
                        + " `AWS_ROLE_ARN` and `AWS_WEB_IDENTITY_TOKEN_FILE` (set by IAM roles for service accounts),"
                        + " `AWS_CONTAINER_CREDENTIALS_FULL_URI` and `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` (set by EKS Pod"
                        + " Identity), `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.")
                .section("Kubernetes")
                .paragraph(
                        "In a pod with a service account token, the cluster is the one the pod runs in. Anywhere else, or to"
                                + " reach another cluster, `KUBECONFIG` names a kubeconfig file; its current context holds.")
                .check();
    }

    private List<String> row(Option option) {
        return List.of(
                "`" + option.variable() + "`",
                option.defaultValue().map(value -> "`" + value + "`").orElse("none: required"),
                option.expects(),
                javadoc.of(memberOf(option.declaration())));
    }

    /** Its name, as {@link Javadoc} knows it. */
    static String memberOf(Method declaration) {
        Class<?> group = declaration.getDeclaringClass();
        return group == GlidepathConfig.class
                ? declaration.getName()
                : group.getSimpleName() + "." + declaration.getName();
    }
}
