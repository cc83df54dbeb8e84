package dev.glidepath;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a native image an {@code equals} that is left to a method handle is interpreted: {@code docs/adr/0034}. */
class RecordEqualityTest {
    private static final Path PROGRAM = Path.of("target", "classes");

    /** One of each kind of field. */
    record Sample(
            boolean flag,
            byte tiny,
            char letter,
            short small,
            int number,
            long big,
            float rough,
            double fine,
            @Nullable String text,
            List<String> several) {
        static final String UNCOMPARED = "a constant is no part of it";
    }

    private static final List<Sample> SAMPLES = List.of(
            new Sample(true, (byte) 1, 'a', (short) 2, 3, 4L, 0.5f, 0.25, "text", List.of("one")),
            new Sample(true, (byte) 1, 'a', (short) 2, 3, 4L, 0.5f, 0.25, "text", List.of("one")),
            new Sample(false, (byte) 1, 'a', (short) 2, 3, 4L, 0.5f, 0.25, "text", List.of("one")),
            new Sample(true, (byte) 2, 'a', (short) 2, 3, 4L, 0.5f, 0.25, "text", List.of("one")),
            new Sample(true, (byte) 1, 'b', (short) 2, 3, 4L, 0.5f, 0.25, "text", List.of("one")),
            new Sample(true, (byte) 1, 'a', (short) 3, 3, 4L, 0.5f, 0.25, "text", List.of("one")),
            new Sample(true, (byte) 1, 'a', (short) 2, 4, 4L, 0.5f, 0.25, "text", List.of("one")),
            new Sample(true, (byte) 1, 'a', (short) 2, 3, 4L + (1L << 32), 0.5f, 0.25, "text", List.of("one")),
            new Sample(true, (byte) 1, 'a', (short) 2, 3, 4L, Float.NaN, 0.25, "text", List.of("one")),
            new Sample(true, (byte) 1, 'a', (short) 2, 3, 4L, Float.NaN, 0.25, "text", List.of("one")),
            new Sample(true, (byte) 1, 'a', (short) 2, 3, 4L, 0.5f, 0.0, "text", List.of("one")),
            new Sample(true, (byte) 1, 'a', (short) 2, 3, 4L, 0.5f, -0.0, "text", List.of("one")),
            new Sample(true, (byte) 1, 'a', (short) 2, 3, 4L, 0.5f, 0.25, null, List.of("one")),
            new Sample(true, (byte) 1, 'a', (short) 2, 3, 4L, 0.5f, 0.25, null, List.of("one")),
            new Sample(true, (byte) 1, 'a', (short) 2, 3, 4L, 0.5f, 0.25, "text", List.of("two")));

    @Test
    void noRecordOfTheProgramLeavesItToAMethodHandle() throws IOException {
        try (Stream<Path> files = Files.walk(PROGRAM)) {
            List<ClassModel> records = files.filter(file -> file.toString().endsWith(".class"))
                    .map(RecordEqualityTest::parse)
                    .filter(model -> model.findAttribute(Attributes.record()).isPresent())
                    .toList();

            assertThat(records).hasSizeGreaterThan(100);
            assertThat(records)
                    .filteredOn(RecordEqualityTest::leavesItToAMethodHandle)
                    .extracting(model -> model.thisClass().asInternalName())
                    .isEmpty();
        }
    }

    @Test
    void comparesAsTheCompilerWould(@TempDir Path folder) throws Exception {
        Path file = Path.of(Sample.class.getName().replace('.', '/') + ".class");
        Path copy = folder.resolve(file);
        Files.createDirectories(copy.getParent());
        try (InputStream compiled = RecordEqualityTest.class.getClassLoader().getResourceAsStream(file.toString())) {
            Files.copy(Objects.requireNonNull(compiled), copy);
        }
        assertThat(leavesItToAMethodHandle(parse(copy))).isTrue();

        run(folder);

        assertThat(leavesItToAMethodHandle(parse(copy))).isFalse();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            Class<?> written = loader.loadClass(Sample.class.getName());
            List<Object> copies =
                    SAMPLES.stream().map(sample -> likeness(written, sample)).toList();
            for (int one = 0; one < copies.size(); one++) {
                for (int other = 0; other < copies.size(); other++) {
                    assertThat(copies.get(one).equals(copies.get(other)))
                            .as("%s and %s", SAMPLES.get(one), SAMPLES.get(other))
                            .isEqualTo(SAMPLES.get(one).equals(SAMPLES.get(other)));
                }
                assertThat(copies.get(one))
                        .isEqualTo(copies.get(one))
                        .isNotEqualTo(null)
                        .isNotEqualTo("text");
            }
        }
    }

    private static void run(Path folder) throws Exception {
        Process tool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "src/build/java/RecordEquality.java",
                        folder.toString())
                .inheritIO()
                .start();
        assertThat(tool.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(tool.exitValue()).isZero();
    }

    private static Object likeness(Class<?> type, Sample of) {
        try {
            Constructor<?> made = type.getDeclaredConstructors()[0];
            made.setAccessible(true);
            return made.newInstance(
                    of.flag, of.tiny, of.letter, of.small, of.number, of.big, of.rough, of.fine, of.text, of.several);
        } catch (ReflectiveOperationException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private static ClassModel parse(Path file) {
        try {
            return ClassFile.of().parse(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static boolean leavesItToAMethodHandle(ClassModel model) {
        return model.methods().stream()
                .filter(method -> method.methodName().equalsString("equals"))
                .flatMap(method -> method.code().stream())
                .flatMap(code -> code.elementStream())
                .anyMatch(element -> element instanceof InvokeDynamicInstruction dynamic
                        && dynamic.bootstrapMethod().owner().displayName().equals("ObjectMethods"));
    }
}
