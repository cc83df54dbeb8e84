package dev.glidepath.doctor;

import software.amazon.awssdk.awscore.exception.AwsServiceException;

/** What AWS said when it refused. */
final class Failures {
    private Failures() {}

    static String words(AwsServiceException refused) {
        return refused.awsErrorDetails() == null
                ? String.valueOf(refused.getMessage())
                : "%s (%s)"
                        .formatted(
                                refused.awsErrorDetails().errorMessage(),
                                refused.awsErrorDetails().errorCode());
    }

    /** Whether a permission is missing. */
    static boolean isDenied(AwsServiceException refused) {
        return refused.statusCode() == 403
                || (refused.awsErrorDetails() != null
                        && refused.awsErrorDetails().errorCode().contains("AccessDenied"));
    }
}
