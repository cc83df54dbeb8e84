package dev.glidepath.config;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.spi.Converter;

/**
 * The URL of an SQS queue.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html">Queue
 *     URLs</a>
 */
public record QueueUrl(URI value) {
    private static final Pattern REGION_IN_HOST = Pattern.compile(
            "(?:sqs\\.([a-z0-9-]+)|([a-z0-9-]+)\\.queue)\\.(?:amazonaws|api\\.aws|amazonwebservices).*");

    private static final Pattern ACCOUNT_AND_NAME = Pattern.compile("/(\\d{12})/([A-Za-z0-9_.-]+)/?");

    /**
     * @throws IllegalArgumentException when it is not an http or https URL that names a queue
     */
    public QueueUrl {
        boolean web = "https".equals(value.getScheme()) || "http".equals(value.getScheme());
        boolean named = value.getPath() != null && value.getPath().matches("(/[^/]+)+/?");
        if (!web || value.getHost() == null || !named) {
            throw new IllegalArgumentException("not the URL of a queue");
        }
    }

    /** The region the host name tells, which a queue behind another endpoint does not have. */
    Optional<String> region() {
        Matcher host = REGION_IN_HOST.matcher(value.getHost());
        if (!host.matches()) {
            return Optional.empty();
        }
        return Optional.ofNullable(host.group(1)).or(() -> Optional.ofNullable(host.group(2)));
    }

    /** The ARN of a queue whose URL has the form that AWS gives it, in a partition whose hosts we know. */
    public Optional<String> arn() {
        Matcher path = ACCOUNT_AND_NAME.matcher(value.getPath());
        return path.matches()
                ? region().flatMap(region -> partition(region)
                        .map(partition ->
                                String.join(":", "arn", partition, "sqs", region, path.group(1), path.group(2))))
                : Optional.empty();
    }

    private Optional<String> partition(String region) {
        String host = value.getHost();
        if (host.endsWith(".amazonaws.com.cn") || host.endsWith(".amazonwebservices.com.cn")) {
            return Optional.of("aws-cn");
        }
        if (host.endsWith(".amazonaws.com") || host.endsWith(".api.aws")) {
            return Optional.of(region.startsWith("us-gov-") ? "aws-us-gov" : "aws");
        }
        return Optional.empty();
    }

    /** Found by the configuration through its service file. */
    public static final class FromText implements Converter<QueueUrl> {
        private static final long serialVersionUID = 1L;

        @Override
        public QueueUrl convert(String text) {
            return new QueueUrl(URI.create(text.strip()));
        }
    }
}
