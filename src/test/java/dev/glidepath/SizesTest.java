package dev.glidepath;

import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A class is read at one sitting, and a package holds one idea. A failure lists what has grown past that. */
class SizesTest {
    private static final Path SOURCES = Path.of("src", "main", "java");
    private static final int MOST_LINES = 350;
    private static final int MOST_FILES = 12;
    private static final String PACKAGE_INFO = "package-info.java";

    @Test
    void classesHaveAtMostThreeHundredAndFiftyLines() throws IOException {
        for (Path source : sources()) {
            assertThat(Files.readAllLines(source)).as("%s", source).hasSizeLessThanOrEqualTo(MOST_LINES);
        }
    }

    @Test
    void packagesOfMoreThanTwelveFilesSayWhy() throws IOException {
        Map<Path, List<Path>> packages = sources().stream()
                .filter(source -> !source.endsWith(PACKAGE_INFO))
                .collect(groupingBy(Path::getParent));
        for (Map.Entry<Path, List<Path>> each : packages.entrySet()) {
            if (each.getValue().size() > MOST_FILES) {
                assertThat(each.getKey().resolve(PACKAGE_INFO))
                        .content()
                        .containsIgnoringCase("more than twelve files");
            }
        }
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }
}
