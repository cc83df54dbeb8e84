package dev.glidepath.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.Port;
import dev.glidepath.container.Dockerfile.Copy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * An image as it would be pushed, on no base: ours are not to be had everywhere.
 *
 * @param config what a container runtime is told
 * @param layers each with its files and folders
 * @see <a href="https://github.com/opencontainers/image-spec/blob/main/config.md">OCI image configuration</a>
 */
record Image(JsonNode config, List<List<Entry>> layers) {
    private static final JsonMapper JSON = new JsonMapper();

    /** A file or a folder of a layer; folders have no content. */
    record Entry(String name, int mode, long user, long group, boolean isFolder, ByteBuffer content) {}

    /** Builds what the Dockerfile says from what lies in this project, in a folder of the caller's. */
    static Image build(Dockerfile dockerfile, Map<String, String> arguments, Path folder) throws Exception {
        JibContainerBuilder image = Jib.fromScratch()
                .setLabels(dockerfile.labels(arguments))
                .setUser(dockerfile.user())
                .setExposedPorts(Set.of(Port.tcp(dockerfile.port())))
                .setEntrypoint(dockerfile.entrypoint());
        for (Copy copy : dockerfile.copies()) {
            image.addFileEntriesLayer(layer(copy));
        }
        Path tar = folder.resolve("image.tar");
        image.containerize(Containerizer.to(TarImage.at(tar).named("glidepath"))
                .setOfflineMode(true)
                .setBaseImageLayersCache(folder.resolve("base"))
                .setApplicationLayersCache(folder.resolve("layers")));
        return read(tar);
    }

    /** All of its files and folders, by their paths. */
    Stream<Entry> entries() {
        return layers.stream().flatMap(List::stream);
    }

    private static FileEntriesLayer layer(Copy copy) throws IOException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(copy.to());
        FilePermissions mode = FilePermissions.fromOctalString(copy.mode().substring(1));
        for (String from : copy.from()) {
            List<Path> found = matching(from);
            if (found.isEmpty()) {
                throw new IllegalStateException(from + " is missing: run mvn package first");
            }
            for (Path path : found) {
                boolean into = copy.to().endsWith("/") && !Files.isDirectory(path);
                AbsoluteUnixPath to = AbsoluteUnixPath.get(copy.to());
                layer.addEntryRecursive(
                        path,
                        into ? to.resolve(path.getFileName()) : to,
                        (file, _) -> Files.isDirectory(file) ? FilePermissions.DEFAULT_FOLDER_PERMISSIONS : mode);
            }
        }
        return layer.build();
    }

    private static List<Path> matching(String glob) throws IOException {
        Path path = Path.of(glob);
        Path parent = path.getParent() == null ? Path.of("") : path.getParent();
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        var matcher = FileSystems.getDefault().getPathMatcher("glob:" + path.getFileName());
        try (Stream<Path> files = Files.list(parent)) {
            return files.filter(file -> matcher.matches(file.getFileName())).toList();
        }
    }

    private static Image read(Path tar) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (InputStream in = Files.newInputStream(tar)) {
            entriesOf(in)
                    .forEach(entry -> files.put(entry.name(), entry.content().array()));
        }
        JsonNode manifest = JSON.readTree(file(files, "manifest.json")).get(0);
        List<List<Entry>> layers = new ArrayList<>();
        for (JsonNode name : manifest.path("Layers")) {
            layers.add(entriesOf(new GZIPInputStream(new ByteArrayInputStream(file(files, name.asText())))));
        }
        return new Image(
                JSON.readTree(file(files, manifest.path("Config").asText())).path("config"), layers);
    }

    private static byte[] file(Map<String, byte[]> files, String name) {
        byte[] content = files.get(name);
        if (content == null) {
            throw new IllegalStateException("the image has no " + name + " among " + files.keySet());
        }
        return content;
    }

    private static List<Entry> entriesOf(InputStream archive) throws IOException {
        List<Entry> entries = new ArrayList<>();
        TarArchiveInputStream tar = new TarArchiveInputStream(archive);
        for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            entries.add(new Entry(
                    entry.getName(),
                    entry.getMode(),
                    entry.getLongUserId(),
                    entry.getLongGroupId(),
                    entry.isDirectory(),
                    ByteBuffer.wrap(tar.readAllBytes())));
        }
        return entries;
    }
}
