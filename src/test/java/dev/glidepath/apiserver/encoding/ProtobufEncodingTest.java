package dev.glidepath.apiserver.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.apiserver.encoding.Encoding.Malformed;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProtobufEncodingTest {
    private static final Set<String> READS = Set.of(
            "metadata/name",
            "metadata/resourceVersion",
            "metadata/labels",
            "metadata/creationTimestamp",
            "spec/volumes/name",
            "spec/terminationGracePeriodSeconds",
            "spec/priority");

    private final ProtobufEncoding encoding = new ProtobufEncoding(KubernetesMessages.POD, READS);

    @Test
    void readsWhatIsWantedAndSkipsTheRest() throws Exception {
        List<JsonNode> pods = new ArrayList<>();

        JsonNode metadata = encoding.readList(new ByteArrayInputStream(list()), pods::add);

        assertThat(metadata).hasToString("{\"resourceVersion\":\"7\",\"continue\":\"more\"}");
        assertThat(pods).hasSize(2);
        assertThat(pods.getFirst())
                .hasToString("{\"metadata\":{\"name\":\"web\",\"resourceVersion\":\"5\","
                        + "\"creationTimestamp\":\"2026-01-01T00:00:00Z\",\"labels\":{\"app\":\"web\",\"empty\":\"\"}},"
                        + "\"spec\":{\"volumes\":[{\"name\":\"data\"},{\"name\":\"text\"}],"
                        + "\"terminationGracePeriodSeconds\":0,\"priority\":-5}}");
        assertThat(pods.getLast()).hasToString("{\"metadata\":{\"name\":\"other\"}}");
    }

    @Test
    void aListThatIsCutOffIsNone() {
        byte[] whole = list();
        int envelopesEnd = 4; // two fields that nobody reads, after the list
        for (int length = 0; length < whole.length - envelopesEnd; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(IOException.class)
                    .as("the first %d of %d bytes", length, whole.length)
                    .isThrownBy(() -> encoding.readList(new ByteArrayInputStream(part), _ -> {}));
        }
    }

    @Test
    void eventsComeOneByOne() throws Exception {
        byte[] bytes =
                Wire.joined(event("ADDED", pod()), event("BOOKMARK", new Wire().message(1, new Wire().text(6, "9"))));

        try (Encoding.Events events = encoding.events(new ByteArrayInputStream(bytes))) {
            JsonNode added = events.next();
            assertThat(added.path("type").asText()).isEqualTo("ADDED");
            assertThat(added.path("object").path("metadata").path("name").asText())
                    .isEqualTo("web");
            assertThat(events.next())
                    .hasToString("{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\"}}}");
            assertThat(events.next().isMissingNode()).isTrue();
        }
    }

    @Test
    void anErrorIsNoObjectOfTheKind() throws Exception {
        Wire status = new Wire()
                .text(2, "Failure")
                .text(3, "too old resource version")
                .number(6, 410);

        try (Encoding.Events events = encoding.events(new ByteArrayInputStream(event("ERROR", status)))) {
            assertThat(events.next().path("type").asText()).isEqualTo("ERROR");
        }
    }

    @Test
    void anEventThatIsCutOffIsNone() throws Exception {
        byte[] whole = event("ADDED", pod());
        for (int length = 1; length < whole.length; length++) {
            try (Encoding.Events events = encoding.events(new ByteArrayInputStream(whole, 0, length))) {
                assertThatExceptionOfType(EOFException.class)
                        .as("the first %d bytes", length)
                        .isThrownBy(events::next);
            }
        }
    }

    @Test
    void anythingElseIsRefusedInTime() {
        Random random = new Random(1);
        byte[] whole = list();
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = whole.clone();
            for (int change = random.nextInt(1, 4); change > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                encoding.readList(new ByteArrayInputStream(bytes), _ -> {});
            } catch (IOException refused) {
                // Or it was still a list.
            }
        }
    }

    @Test
    void aFieldInAnotherEncodingIsRefused() {
        byte[] list = list(new Wire().message(2, new Wire().text(4, "soon")));

        assertThatExceptionOfType(Malformed.class)
                .isThrownBy(() -> encoding.readList(new ByteArrayInputStream(list), _ -> {}))
                .withMessageContaining("field 4");
    }

    @Test
    void whatNoNumberIsKnownOfIsSaidAtOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ProtobufEncoding(KubernetesMessages.POD, Set.of("spec/hostname")))
                .withMessageContaining("hostname");
    }

    @Test
    void anObjectOfAnEndlessLengthIsRefused() {
        byte[] bytes = {0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0};

        assertThatExceptionOfType(Malformed.class)
                .isThrownBy(
                        () -> encoding.events(new ByteArrayInputStream(bytes)).next());
    }

    private static byte[] list() {
        return list(
                pod(),
                new Wire().message(1, new Wire().text(1, "other").text(6, "").message(8, new Wire())));
    }

    private static byte[] list(Wire... pods) {
        Wire list = new Wire().message(1, new Wire().text(2, "7").text(3, "more"));
        for (Wire pod : pods) {
            list.message(2, pod);
        }
        return enveloped(list).bytes();
    }

    private static Wire pod() {
        return new Wire()
                .message(
                        1,
                        new Wire()
                                .text(1, "web")
                                .text(2, "")
                                .text(6, "5")
                                .message(8, new Wire().number(1, 1_767_225_600).number(2, 0))
                                .message(11, new Wire().text(1, "app").text(2, "web"))
                                .message(11, new Wire().text(1, "empty").text(2, ""))
                                .message(17, new Wire().text(1, "kubectl")))
                .message(
                        2,
                        new Wire()
                                .message(1, new Wire().text(1, "data").message(2, new Wire().message(2, new Wire())))
                                .message(1, new Wire().text(1, "text").message(2, new Wire()))
                                .number(4, 0)
                                .number(25, -5))
                .message(3, new Wire().text(1, "Running"));
    }

    private static byte[] event(String type, Wire object) {
        byte[] event = new Wire()
                .text(1, type)
                .message(2, new Wire().message(1, enveloped(object)))
                .bytes();
        return Wire.joined(
                new byte[] {
                    (byte) (event.length >>> 24),
                    (byte) (event.length >>> 16),
                    (byte) (event.length >>> 8),
                    (byte) event.length
                },
                event);
    }

    private static Wire enveloped(Wire object) {
        return Wire.raw(Wire.joined(
                new byte[] {'k', '8', 's', 0},
                new Wire()
                        .message(1, new Wire().text(1, "v1").text(2, "Pod"))
                        .message(2, object)
                        .text(3, "")
                        .text(4, "")
                        .bytes()));
    }

    /** Writes a message. */
    private static final class Wire {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        static Wire raw(byte[] bytes) {
            Wire wire = new Wire();
            wire.bytes.writeBytes(bytes);
            return wire;
        }

        static byte[] joined(byte[]... parts) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            try {
                for (byte[] part : parts) {
                    all.write(part);
                }
            } catch (IOException never) {
                throw new UncheckedIOException(never);
            }
            return all.toByteArray();
        }

        Wire number(int field, long value) {
            varint((long) field << 3);
            varint(value);
            return this;
        }

        Wire text(int field, String text) {
            return delimited(field, text.getBytes(StandardCharsets.UTF_8));
        }

        Wire message(int field, Wire message) {
            return delimited(field, message.bytes());
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }

        private Wire delimited(int field, byte[] value) {
            varint(((long) field << 3) | 2);
            varint(value.length);
            bytes.writeBytes(value);
            return this;
        }

        private void varint(long value) {
            long left = value;
            while ((left & ~0x7fL) != 0) {
                bytes.write((int) ((left & 0x7f) | 0x80));
                left >>>= 7;
            }
            bytes.write((int) left);
        }
    }
}
