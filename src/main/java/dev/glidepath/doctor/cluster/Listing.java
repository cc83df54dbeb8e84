package dev.glidepath.doctor.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.apiserver.ApiServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Reads a list page by page, so that no more than a page is in memory.
 *
 * @see <a href="https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks">Retrieving
 *     large results in chunks</a>
 */
final class Listing {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int PAGE = 500;

    private final ApiServer apiServer;

    Listing(ApiServer apiServer) {
        this.apiServer = apiServer;
    }

    /**
     * @param path with its leading slash and no query
     * @throws IOException when a page cannot be read
     */
    void forEach(String path, Consumer<JsonNode> item) throws IOException, InterruptedException {
        String next = "";
        do {
            JsonNode page = page(path + "?limit=" + PAGE + next);
            page.path("items").forEach(item);
            String token = page.at("/metadata/continue").asText();
            next = token.isEmpty() ? "" : "&continue=" + URLEncoder.encode(token, StandardCharsets.UTF_8);
        } while (!next.isEmpty());
    }

    private JsonNode page(String path) throws IOException, InterruptedException {
        try (InputStream body = apiServer.list(path)) {
            return JSON.readTree(body.readAllBytes()); // to its end, or its connection is closed with it
        }
    }
}
