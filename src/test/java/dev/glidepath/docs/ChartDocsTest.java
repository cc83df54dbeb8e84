package dev.glidepath.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.glidepath.config.GlidepathConfig;
import dev.glidepath.config.Option;
import dev.glidepath.docs.ChartValues.Value;
import dev.glidepath.storm.BenchmarkPage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The chart's schema and its README tell its values, and under {@code config} the program's options, as the code has them. */
class ChartDocsTest {
    private static final Path CHART = Path.of("helm", "glidepath");
    private static final Pattern RANGE = Pattern.compile("from (\\d+) to (\\d+)$");

    /** The chart tells the program these itself. */
    private static final Set<String> NOT_CONFIGURED =
            Set.of("glidepath.pod.name", "glidepath.pod.namespace", "glidepath.pod.release");

    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final ChartValues chart = ChartValues.read(CHART.resolve("values.yaml"));
    private final Javadoc javadoc = Javadoc.of(GlidepathConfig.class);

    @Test
    void schemaKnowsEveryValueAndNoOther() throws IOException {
        ObjectNode root = JSON.createObjectNode().put("$schema", "http://json-schema.org/draft-07/schema#");
        group(root);
        root.withObjectProperty("properties")
                .putObject("global")
                .put("type", "object")
                .put("description", "What a chart that contains this one tells all of them; nothing here reads it.");
        chart.values().forEach(value -> put(root, value));
        options().forEach(option -> put(root, option));

        new MadeFile("helm", "glidepath", "values.schema.json").check(JSON.writeValueAsString(root) + "\n");
    }

    @Test
    void readmeTellsEveryValue() {
        MadeFile readme = new MadeFile("helm", "glidepath", "README.md");

        readme.check(readme.withSection("values", table(valuesOfTheChart())));
    }

    @Test
    void readmeTellsEveryOption() {
        MadeFile readme = new MadeFile("helm", "glidepath", "README.md");

        readme.check(readme.withSection("config", table(options())));
    }

    @Test
    void readmeTellsHowMuchMemoryItTakes() {
        MadeFile readme = new MadeFile("helm", "glidepath", "README.md");

        readme.check(readme.withSection(
                "memory", BenchmarkPage.of(Path.of("docs", "benchmarks")).memory()));
    }

    private List<Value> valuesOfTheChart() {
        return chart.values().stream()
                .filter(value -> !value.path().equals("config"))
                .toList();
    }

    /** Each option of the program, as a value of the chart; what {@code values.yaml} has of them is not repeated. */
    private List<Value> options() {
        Set<String> told = chart.values().stream().map(Value::path).collect(Collectors.toSet());
        return Option.all().stream()
                .filter(option -> !NOT_CONFIGURED.contains(option.property()))
                .map(this::valueOf)
                .filter(value -> !told.contains(value.path()))
                .sorted(Comparator.comparing(Value::path))
                .toList();
    }

    private Value valueOf(Option option) {
        String words = javadoc.of(ConfigurationDocsTest.memberOf(option.declaration()));
        return new Value(pathOf(option), defaultOf(option), words, schemaOf(option));
    }

    /** {@code glidepath.last-call.enabled} is {@code config.lastCall.enabled}. */
    private static String pathOf(Option option) {
        String path = option.property().replaceFirst("^glidepath", "config");
        return Pattern.compile("-([a-z])")
                .matcher(path)
                .replaceAll(letter -> letter.group(1).toUpperCase(java.util.Locale.ROOT));
    }

    private static JsonNode defaultOf(Option option) {
        String text = option.defaultValue().orElse("");
        Class<?> type = option.declaration().getReturnType();
        if (type == int.class) {
            return JSON.getNodeFactory().numberNode(Integer.parseInt(text));
        }
        return type == boolean.class
                ? JSON.getNodeFactory().booleanNode(Boolean.parseBoolean(text))
                : JSON.getNodeFactory().textNode(text);
    }

    private static ObjectNode schemaOf(Option option) {
        ObjectNode schema = JSON.createObjectNode();
        Class<?> type = option.declaration().getReturnType();
        if (type == int.class) {
            schema.put("type", "integer");
            Matcher range = RANGE.matcher(option.expects());
            if (range.find()) {
                schema.put("minimum", Integer.parseInt(range.group(1)));
                schema.put("maximum", Integer.parseInt(range.group(2)));
            }
        } else if (type == boolean.class) {
            schema.put("type", "boolean");
        } else {
            schema.put("type", "string");
        }
        if (type.isEnum()) {
            ArrayNode allowed = schema.putArray("enum");
            Stream.of(option.expects().split(", | or ", -1)).forEach(allowed::add);
        }
        return schema;
    }

    /** At its place below the root; the groups on the way know no other values than those put there. */
    private static void put(ObjectNode root, Value value) {
        ObjectNode group = root;
        String[] names = value.path().split("\\.", -1);
        for (int depth = 0; depth < names.length - 1; depth++) {
            group = group.withObjectProperty("properties").withObjectProperty(names[depth]);
            group(group);
        }
        ObjectNode place = group.withObjectProperty("properties").withObjectProperty(names[names.length - 1]);
        place.put("description", value.description());
        place.setAll(value.schema());
    }

    private static void group(ObjectNode group) {
        group.put("type", "object").put("additionalProperties", false);
        group.withObjectProperty("properties");
    }

    private static String table(List<Value> values) {
        return values.stream()
                .map(value -> "| `%s` | `%s` | %s |"
                        .formatted(
                                value.path(),
                                value.found().toString(),
                                value.description().replace("|", "\\|")))
                .collect(Collectors.joining("\n", "| value | default | description |\n| --- | --- | --- |\n", "\n"));
    }
}
