package dev.glidepath;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A report shows a test by its name: the name fits on a line, and says what acts. A failure lists the names that do not. */
class TestNamesTest {
    private static final Path TESTS = Path.of("target", "test-classes");
    private static final int LONGEST = 60;

    /** May be a pod, a node, an instance or a replica. */
    private static final Pattern WHO = Pattern.compile("(.*Who|who)(m|ever)?([A-Z].*)?|whose[A-Z].*");

    private record TestMethod(String className, String name) {}

    @Test
    void namesHaveAtMostSixtyCharacters() throws IOException {
        assertThat(tests())
                .isNotEmpty()
                .filteredOn(test -> test.name().length() > LONGEST)
                .isEmpty();
    }

    @Test
    void namesSayWhatActs() throws IOException {
        assertThat(tests())
                .filteredOn(test -> WHO.matcher(test.name()).matches())
                .isEmpty();
    }

    /** Reads the class files alone: ArchUnit takes a quarter of a minute to import them. */
    private static List<TestMethod> tests() throws IOException {
        try (Stream<Path> files = Files.walk(TESTS)) {
            return files.filter(file -> file.toString().endsWith(".class"))
                    .flatMap(TestNamesTest::testsIn)
                    .toList();
        }
    }

    private static Stream<TestMethod> testsIn(Path file) {
        String className = TESTS.relativize(file).toString();
        try {
            return ClassFile.of().parse(file).methods().stream()
                    .filter(TestNamesTest::isTest)
                    .map(method -> new TestMethod(className, method.methodName().stringValue()));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** {@code @Test}, {@code @ParameterizedTest} and others of that ending. */
    private static boolean isTest(MethodModel method) {
        return method.findAttribute(Attributes.runtimeVisibleAnnotations()).stream()
                .flatMap(all -> all.annotations().stream())
                .anyMatch(each -> each.className().stringValue().endsWith("Test;"));
    }
}
