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

    /** Found by the configuration through its service file. */
    public static final class FromText implements Converter<QueueUrl> {
        private static final long serialVersionUID = 1L;

        @Override
        public QueueUrl convert(String text) {
            return new QueueUrl(URI.create(text.strip()));
        }
    }
}
