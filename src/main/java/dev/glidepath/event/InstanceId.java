package dev.glidepath.event;

import java.util.regex.Pattern;

/**
 * An EC2 instance id: {@code i-} and 8 or 17 hexadecimal digits.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html">Resource ids</a>
 */
public record InstanceId(String value) {
    private static final Pattern FORM = Pattern.compile("i-(?:[0-9a-f]{8}|[0-9a-f]{17})");

    /**
     * @throws IllegalArgumentException when the text is not an instance id
     */
    public InstanceId {
        if (!isValid(value)) {
            throw new IllegalArgumentException("not an EC2 instance id: " + value);
        }
    }

    /** Whether the text is an instance id, for those who cannot trust where it comes from. */
    public static boolean isValid(String text) {
        return FORM.matcher(text).matches();
    }

    @Override
    public String toString() {
        return value;
    }
}
