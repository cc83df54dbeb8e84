package dev.glidepath.apiserver.watch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.apiserver.Body;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reads all objects of a kind, page by page. */
final class PagedList<R> {
    private final ApiServer apiServer;
    private final Watch.Kind<R> kind;

    /**
     * All objects.
     *
     * @param version where a watch of what happens after this list begins
     */
    record All<R>(List<R> objects, String version) {}

    PagedList(ApiServer apiServer, Watch.Kind<R> kind) {
        this.apiServer = apiServer;
        this.kind = kind;
    }

    /**
     * Reads them.
     *
     * @param heard called after each page
     * @throws IOException when the server cannot be reached or refuses, or does not answer with a list
     */
    All<R> read(Runnable heard) throws IOException, InterruptedException {
        List<R> objects = new ArrayList<>();
        String version = "";
        String rest = "";
        do {
            try (Body body = apiServer.list(kind.pageUri(rest), kind.resource().mediaTypes())) {
                JsonNode metadata = kind.resource()
                        .encodingOf(body.mediaType())
                        .readList(body, object -> kind.reduced(object).ifPresent(objects::add));
                heard.run();
                version = metadata.path("resourceVersion").asText();
                if (version.isEmpty()) {
                    throw new IOException("what the API server, or a proxy before it, answered is no list");
                }
                rest = metadata.path("continue").asText();
            }
        } while (!rest.isEmpty());
        return new All<>(objects, version);
    }
}
