package dev.glidepath.doctor;

import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/** What came instead of an answer of AWS. */
final class Failures {
    private static final int LONGEST = 300;

    private Failures() {}

    static String words(SdkException failure) {
        String words = String.valueOf(failure.getMessage());
        if (failure instanceof AwsServiceException refused && refused.awsErrorDetails() != null) {
            words = "%s (%s)"
                    .formatted(
                            refused.awsErrorDetails().errorMessage(),
                            refused.awsErrorDetails().errorCode());
        }
        return words.length() <= LONGEST ? words : words.substring(0, LONGEST) + " ...";
    }

    /** Whether a permission is missing. */
    static boolean isDenied(AwsServiceException refused) {
        return refused.statusCode() == 403
                || (refused.awsErrorDetails() != null
                        && refused.awsErrorDetails().errorCode().contains("AccessDenied"));
    }

    /** Whether the same may be answered when asked again. */
    static boolean isPassing(SdkException failure) {
        return failure instanceof AwsServiceException refused
                ? refused.isThrottlingException() || refused.statusCode() >= 500
                : failure instanceof ApiCallTimeoutException;
    }
}
