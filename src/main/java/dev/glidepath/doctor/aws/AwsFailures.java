package dev.glidepath.doctor.aws;

import dev.glidepath.doctor.Finding;
import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/** Explains errors of the AWS SDK. */
public final class AwsFailures {
    private static final int LONGEST = 300;

    private AwsFailures() {}

    /** The finding for an error of the SDK; any other failure has no explanation here. */
    public static Optional<Finding> explain(String about, Throwable failure) {
        return failure instanceof SdkException failed ? Optional.of(explain(about, failed)) : Optional.empty();
    }

    private static Finding explain(String about, SdkException failed) {
        return isPassing(failed)
                ? Finding.warn(about, "AWS has no answer now: " + words(failed), "look again")
                : Finding.fail(
                        about,
                        "cannot be looked at: " + words(failed),
                        "see whether the region is right, and whether AWS can be reached from here");
    }

    /** The message of the error and, if AWS sent one, the error code. */
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

    /** Whether the same request may succeed later. */
    static boolean isPassing(SdkException failure) {
        return failure instanceof AwsServiceException refused
                ? refused.isThrottlingException() || refused.statusCode() >= 500
                : failure instanceof ApiCallTimeoutException;
    }
}
