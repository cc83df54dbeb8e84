package dev.glidepath.points;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** By which a program is known, and what it is run with: the same for the same files. */
final class Digest {
    private static final int LETTERS = 16;

    /** What a run is made of: results of another departure of the same name, say, are no results of this one. */
    private static final List<Class<?>> HARNESS = List.of(
            RecordedDeparture.class,
            Disturbance.class,
            Disturber.class,
            Requests.class,
            Scene.class,
            Trial.class,
            End.class);

    private Digest() {}

    /** Of an executable, or of all files of a folder. */
    static String of(Path program) {
        try (Stream<Path> tree = Files.walk(program)) {
            List<Path> files = tree.filter(Files::isRegularFile).sorted().toList();
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path file : files) {
                add(Files.newInputStream(file), digest);
            }
            for (Class<?> part : HARNESS) {
                add(requireNonNull(part.getResourceAsStream(part.getSimpleName() + ".class")), digest);
            }
            return HexFormat.of().formatHex(digest.digest()).substring(0, LETTERS);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + program, e);
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    private static void add(InputStream file, MessageDigest digest) throws IOException {
        try (InputStream content = new DigestInputStream(file, digest)) {
            content.transferTo(OutputStream.nullOutputStream());
        }
    }
}
