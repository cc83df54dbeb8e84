package dev.glidepath.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;

/** How to reach the API server, whom to trust, and who one is. */
record Kubeconfig(String server, Path certificate, String token) {

    /**
     * Writes it whole, certificate included, so that the file alone is enough. Who reads the file meanwhile, such as a program that
     * was started just before, finds it as it was.
     */
    Path writeTo(Path file) {
        try {
            Path fresh =
                    Files.createTempFile(file.getParent(), file.getFileName().toString(), ".new");
            var ca = Base64.getEncoder().encodeToString(Files.readAllBytes(certificate));
            Files.writeString(fresh, """
                    apiVersion: v1
                    kind: Config
                    clusters:
                    - name: lab
                      cluster:
                        server: %s
                        certificate-authority-data: %s
                    users:
                    - name: lab
                      user:
                        token: %s
                    contexts:
                    - name: lab
                      context:
                        cluster: lab
                        user: lab
                    current-context: lab
                    """.formatted(server, ca, token), StandardCharsets.UTF_8);
            return Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
