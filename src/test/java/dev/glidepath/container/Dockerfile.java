package dev.glidepath.container;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a Dockerfile of ours says. Knows the instructions that ours have, and fails on any other.
 *
 * @param arguments what a build may be given, with what they are otherwise
 * @param labels with variables in them
 * @see <a href="https://docs.docker.com/reference/dockerfile/">Dockerfile reference</a>
 */
public record Dockerfile(
        String base,
        Map<String, String> arguments,
        Map<String, String> labels,
        List<Copy> copies,
        String user,
        int port,
        List<String> entrypoint) {
    private static final Path FOLDER = Path.of("src", "main", "docker");
    private static final Pattern LABEL = Pattern.compile("(\\S+?)=\"([^\"]*)\"");
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * Files that are copied.
     *
     * @param mode of each file, in octal
     */
    public record Copy(String mode, List<String> from, String to) {
        private static Copy parse(String text) {
            List<String> words = List.of(text.split(" "));
            String option = "--chmod=";
            if (!words.getFirst().startsWith(option)) {
                throw new IllegalArgumentException("says no mode: " + text);
            }
            return new Copy(
                    words.getFirst().substring(option.length()), words.subList(1, words.size() - 1), words.getLast());
        }
    }

    /** What its program is given. */
    public List<String> options() {
        return entrypoint.subList(1, entrypoint.size());
    }

    /**
     * Reads one.
     *
     * @param name of the file, such as {@code Dockerfile.native}
     */
    public static Dockerfile named(String name) {
        Map<String, List<String>> all = new LinkedHashMap<>();
        instructions(FOLDER.resolve(name)).forEach(line -> {
            String[] parts = line.split(" ", 2);
            all.computeIfAbsent(parts[0], _ -> new ArrayList<>()).add(parts[1]);
        });
        Dockerfile read = new Dockerfile(
                one(all, "FROM"),
                arguments(taken(all, "ARG")),
                labels(one(all, "LABEL")),
                taken(all, "COPY").stream().map(Copy::parse).toList(),
                one(all, "USER"),
                Integer.parseInt(one(all, "EXPOSE")),
                words(one(all, "ENTRYPOINT")));
        if (!all.isEmpty()) {
            throw new IllegalArgumentException(name + " has instructions nobody here knows: " + all.keySet());
        }
        return read;
    }

    /** The labels of an image that is built with these arguments. */
    Map<String, String> labels(Map<String, String> given) {
        Map<String, String> values = new LinkedHashMap<>(arguments);
        values.putAll(given);
        Map<String, String> filled = new LinkedHashMap<>(labels);
        values.forEach((name, value) -> filled.replaceAll((_, text) -> text.replace("${" + name + "}", value)));
        return filled;
    }

    private static Stream<String> instructions(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> !line.startsWith("#") && !line.isBlank())
                    .collect(joining("\n"))
                    .replaceAll("\\s*\\\\\n\\s*", " ")
                    .lines();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static List<String> taken(Map<String, List<String>> all, String instruction) {
        return Objects.requireNonNullElse(all.remove(instruction), List.of());
    }

    private static String one(Map<String, List<String>> all, String instruction) {
        List<String> found = taken(all, instruction);
        if (found.size() != 1) {
            throw new IllegalArgumentException("not one " + instruction + ": " + found);
        }
        return found.getFirst();
    }

    private static Map<String, String> arguments(List<String> texts) {
        Map<String, String> arguments = new LinkedHashMap<>();
        for (String text : texts) {
            String[] parts = text.split("=", 2);
            arguments.put(parts[0], parts[1]);
        }
        return arguments;
    }

    private static Map<String, String> labels(String text) {
        Map<String, String> labels = new LinkedHashMap<>();
        Matcher found = LABEL.matcher(text);
        while (found.find()) {
            labels.put(found.group(1), found.group(2));
        }
        return labels;
    }

    private static List<String> words(String json) {
        try {
            return JSON.readValue(json, new TypeReference<>() {});
        } catch (JsonProcessingException shellForm) {
            throw new IllegalArgumentException("an entrypoint for a shell, of which there is none: " + json, shellForm);
        }
    }
}
