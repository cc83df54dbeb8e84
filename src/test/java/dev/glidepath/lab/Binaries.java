package dev.glidepath.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder with the control plane's five programs, as {@code lab/build} names it; it builds them first when they are not there yet.
 *
 * @param folder holds etcd (or {@code server}, as Go names it), kube-apiserver, kube-controller-manager, kube-scheduler and kwok
 * @param lab the folder of this project that holds {@code build} and what the programs read
 */
record Binaries(Path folder, Path lab) {

    /**
     * Takes minutes the first time on a machine, and says so on standard error; after that, milliseconds.
     *
     * @throws IllegalStateException when they are not there and cannot be built; {@code lab/build} has said why on standard error
     */
    static Binaries find() {
        return new Binaries(printedBy("build"), labFolder());
    }

    /**
     * Runs a script of the lab that builds something where it is missing, and prints last where it is.
     *
     * @throws IllegalStateException when it fails; it has said why on standard error
     */
    static Path printedBy(String script) {
        var path = labFolder().resolve(script);
        var build = new ProcessBuilder(path.toString()).redirectError(ProcessBuilder.Redirect.INHERIT);
        Optional.ofNullable(System.getProperty("GLIDEPATH_LAB_BIN"))
                .ifPresent(given -> build.environment().put("GLIDEPATH_LAB_BIN", given));
        try {
            var process = build.start();
            var answer = new String(process.getInputStream().readAllBytes(), Charset.defaultCharset()).strip();
            if (process.waitFor() != 0) {
                throw new IllegalStateException("nothing from lab/" + script + ": its reason is on standard error");
            }
            return Path.of(answer.lines().toList().getLast());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + path + ", which needs bash", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while lab/" + script + " was at work", e);
        }
    }

    Path etcd() {
        return Stream.of("etcd", "server")
                .map(folder::resolve)
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    private static Path labFolder() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isExecutable(at.resolve("lab/build"))) {
                return at.resolve("lab");
            }
        }
        throw new IllegalStateException("lab/build is neither here nor above: run this inside the clone");
    }
}
