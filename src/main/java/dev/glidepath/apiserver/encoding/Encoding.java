package dev.glidepath.apiserver.encoding;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/** How what is listed and watched is written. Whichever it is, the same is read of it. Safe for use by many threads. */
public sealed interface Encoding permits JsonEncoding, ProtobufEncoding {
    /**
     * Reads a list as it comes in, to the end of the body, so that its connection can serve the next request.
     *
     * @param take is given one object after the other
     * @return the list's metadata
     * @throws IOException as the body does, or when it is no list
     */
    JsonNode readList(InputStream body, Consumer<JsonNode> take) throws IOException;

    /**
     * Begins to read a watch.
     *
     * @throws IOException as the body does
     */
    Events events(InputStream body) throws IOException;

    /** What is read is no Protobuf message. */
    final class Malformed extends IOException {
        private static final long serialVersionUID = 1L;

        Malformed(String why) {
            super("the API server's Protobuf cannot be read: " + why);
        }
    }

    /** The events of a watch as they come in. */
    interface Events extends Closeable {
        /**
         * The next one, with its {@code type} and its {@code object}; missing when there are no more.
         *
         * @throws IOException as the body does, or when it is no event
         */
        JsonNode next() throws IOException;
    }
}
