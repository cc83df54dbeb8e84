package dev.glidepath.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** Which integration tests have to wait for the native executable: {@code make test} would start the others before there is one. */
class RunsTheProgramTest {
    private static final Path CLASSES = Path.of("target", "test-classes");
    private static final List<String> PROGRAM =
            List.of("dev/glidepath/lab/ProgramRun", "dev/glidepath/lab/DaemonProcess");

    @Test
    void whatRunsTheProgramSaysSo() throws Exception {
        Set<String> saySo = new HashSet<>();
        Set<String> runIt = new HashSet<>();
        for (String test : integrationTests()) {
            // Not initialised: that may start a control plane.
            Class<?> type =
                    Class.forName(test.replace('/', '.'), false, getClass().getClassLoader());
            if (type.isAnnotationPresent(RunsTheProgram.class)) {
                saySo.add(test);
            }
            if (allUsedBy(test).stream().anyMatch(PROGRAM::contains)) {
                runIt.add(test);
            }
        }

        assertThat(runIt).as("what uses the program").isNotEmpty();
        assertThat(saySo).as("what is annotated @RunsTheProgram").containsAll(runIt);
    }

    private static List<String> integrationTests() throws IOException {
        try (Stream<Path> files = Files.walk(CLASSES)) {
            return files.map(file -> CLASSES.relativize(file).toString())
                    .filter(name -> name.endsWith("IT.class") && !name.contains("$"))
                    .map(name -> name.substring(0, name.length() - ".class".length()))
                    .toList();
        }
    }

    /** The classes of the tests that it names, those that they name, and so on. */
    private static Set<String> allUsedBy(String test) {
        Set<String> all = new HashSet<>(Set.of(test));
        var open = new ArrayDeque<>(all);
        while (!open.isEmpty()) {
            for (String used : namedBy(open.remove())) {
                if (Files.exists(fileOf(used)) && all.add(used)) {
                    open.add(used);
                }
            }
        }
        return all;
    }

    private static Set<String> namedBy(String type) {
        try {
            return StreamSupport.stream(
                            ClassFile.of().parse(fileOf(type)).constantPool().spliterator(), false)
                    .filter(ClassEntry.class::isInstance)
                    .map(entry -> ((ClassEntry) entry).asInternalName())
                    .collect(Collectors.toSet());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Path fileOf(String type) {
        return CLASSES.resolve(type + ".class");
    }
}
