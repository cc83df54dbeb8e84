package dev.glidepath.config;

import java.util.List;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.spi.Converter;

/** Names, in the order they were given. */
public record Names(List<String> values) {

    /**
     * @throws IllegalArgumentException when one of them is empty
     */
    public Names {
        values = List.copyOf(values);
        if (values.contains("")) {
            throw new IllegalArgumentException("an empty name");
        }
    }

    /** Reads them with commas between them; spaces around a name are not part of it. Found by the configuration through its service file. */
    public static final class FromText implements Converter<Names> {
        private static final long serialVersionUID = 1L;

        @Override
        public Names convert(String text) {
            return new Names(Stream.of(text.split(",", -1)).map(String::strip).toList());
        }
    }
}
