package dev.glidepath.container;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.glidepath.container.Image.Entry;
import dev.glidepath.lab.CleanEnvironment;
import dev.glidepath.lab.RunsTheProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image of the form that was packaged: native, or for the JVM. Its base is not there, all else is as it ships. */
@RunsTheProgram
class ImageIT {
    private static final int WRITABLE_BY_OTHERS = 0022;
    private static final int SET_ID = 06000;
    private static final boolean IS_NATIVE =
            !System.getProperty("glidepath.native", "").isEmpty();

    private static final Dockerfile DOCKERFILE = Dockerfile.named(IS_NATIVE ? "Dockerfile.native" : "Dockerfile.jvm");

    @TempDir
    private static Path folder;

    private static Image image;

    @BeforeAll
    static void build() throws Exception {
        image = Image.build(DOCKERFILE, Map.of("VERSION", "1.2.3"), folder);
    }

    @Test
    void isRunAsNobodyByItsEntrypoint() {
        JsonNode config = image.config();

        assertThat(config.path("User").asText()).isEqualTo("65532:65532");
        assertThat(texts(config.path("Entrypoint"))).isEqualTo(DOCKERFILE.entrypoint());
        assertThat(config.path("ExposedPorts").fieldNames()).toIterable().containsExactly("8080/tcp");
        assertThat(config.path("Labels")
                        .path("org.opencontainers.image.version")
                        .asText())
                .isEqualTo("1.2.3");
        assertThat(config.path("Env")).as("variables").isEmpty();
    }

    @Test
    void hasALayerOnlyRootCanWriteForEachThingThatChangesOnItsOwn() {
        assertThat(image.layers()).hasSameSizeAs(DOCKERFILE.copies());
        assertThat(image.entries()).allSatisfy(entry -> {
            assertThat(entry.user()).as(entry.name()).isZero();
            assertThat(entry.group()).as(entry.name()).isZero();
            assertThat(entry.mode() & (WRITABLE_BY_OTHERS | SET_ID))
                    .as(entry.name())
                    .isZero();
        });
    }

    @Test
    void holdsTheProgramItsLicenceItsBillOfMaterialsAndNothingElse() {
        assertThat(image.entries().filter(entry -> !entry.isFolder()).map(Entry::name))
                .contains("licenses/LICENSE", "licenses/glidepath-sbom.json")
                .contains(IS_NATIVE ? "glidepath" : "glidepath/quarkus-run.jar")
                .allMatch(name -> name.matches(
                        IS_NATIVE
                                ? "glidepath|licenses/.+"
                                : "glidepath/(lib|app|quarkus)/.+\\.(jar|dat)|glidepath/quarkus-run.jar|licenses/.+"))
                .noneMatch(name -> name.matches(".*(junit|assertj|elasticmq|testcontainers|-tests?\\b).*"));
    }

    @Test
    void itsProgramRunsFromWhereItLies() throws Exception {
        for (Entry entry : image.entries().toList()) {
            Path at = folder.resolve("root").resolve(entry.name());
            Files.createDirectories(entry.isFolder() ? at : at.getParent());
            if (!entry.isFolder()) {
                Files.write(at, entry.content().array());
                assertThat(at.toFile().setExecutable((entry.mode() & 1) != 0)).isTrue();
            }
        }
        List<String> command = new ArrayList<>();
        for (String word : DOCKERFILE.entrypoint()) {
            command.add(
                    word.equals("java")
                            ? Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString()
                            : word.startsWith("/")
                                    ? folder.resolve("root" + word).toString()
                                    : word);
        }
        command.add("--version");
        ProcessBuilder ready = new ProcessBuilder(command).redirectErrorStream(true);
        CleanEnvironment.give(ready, folder, Map.of());
        Process program = ready.start();

        assertThat(program.waitFor(1, TimeUnit.MINUTES)).isTrue();
        String told = new String(program.getInputStream().readAllBytes(), UTF_8);
        assertThat(program.exitValue()).as(told).isZero();
        assertThat(told).matches("(?s).*\\d+\\.\\d+\\.\\d+.*");
    }

    @Test
    void isWhereTheDoctorsPageSaysItIs() throws IOException {
        assertThat(Files.readString(Path.of("docs", "doctor.md")))
                .contains("deploy/glidepath -- "
                        + Dockerfile.named("Dockerfile.native").entrypoint().getFirst() + " doctor");
    }

    @Test
    void theBillOfMaterialsNamesWhatIsInItAndNothingOfTheTests() throws IOException {
        JsonNode bill = new JsonMapper().readTree(Files.newBufferedReader(Path.of("target", "glidepath-sbom.json")));

        assertThat(bill.path("bomFormat").asText()).isEqualTo("CycloneDX");
        assertThat(StreamSupport.stream(bill.path("components").spliterator(), false)
                        .map(component -> component.path("name").asText()))
                .contains("quarkus-arc", "kubernetes-client-api", "sqs", "autoscaling", "picocli")
                .doesNotContain("elasticmq-rest-sqs_2.13", "assertj-core", "junit-jupiter", "jib-core", "helm-java");
    }

    private static List<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }
}
