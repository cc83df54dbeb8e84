package dev.glidepath.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** How to reach the API server, whom to trust, and who one is. */
record Kubeconfig(String server, Path certificate, String token) {

    /** Writes it whole, certificate included, so that the file alone is enough. */
    Path writeTo(Path file) {
        try {
            var ca = Base64.getEncoder().encodeToString(Files.readAllBytes(certificate));
            return Files.writeString(file, """
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
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
