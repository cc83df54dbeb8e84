package dev.glidepath.points;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
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

    private Digest() {}

    /**
     * Of an executable, or of all files of a folder, and of what runs it: results of another departure of the same name, say, are no
     * results of this one.
     */
    static String of(Path program) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            Path harness = folderOf(Digest.class);
            for (Path folder : List.of(program, harness, harness.resolveSibling("lab"))) {
                addAll(folder, digest);
            }
            return HexFormat.of().formatHex(digest.digest()).substring(0, LETTERS);
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException("cannot read " + program + ", or the classes that run it", e);
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    private static Path folderOf(Class<?> part) throws URISyntaxException {
        URI file = requireNonNull(part.getResource(part.getSimpleName() + ".class"))
                .toURI();
        return requireNonNull(Path.of(file).getParent());
    }

    private static void addAll(Path folder, MessageDigest digest) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path file : tree.filter(Files::isRegularFile).sorted().toList()) {
                add(Files.newInputStream(file), digest);
            }
        }
    }

    private static void add(InputStream file, MessageDigest digest) throws IOException {
        try (InputStream content = new DigestInputStream(file, digest)) {
            content.transferTo(OutputStream.nullOutputStream());
        }
    }
}
