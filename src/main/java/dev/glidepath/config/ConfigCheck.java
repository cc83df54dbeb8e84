package dev.glidepath.config;

import dev.glidepath.config.GlidepathConfig.AtLastCall;
import dev.glidepath.drain.plan.Waves;
import dev.glidepath.event.Response;
import dev.glidepath.lifecycle.AtDeadline;
import dev.glidepath.node.NodeSelector;
import io.fabric8.kubernetes.client.Config;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads the whole configuration and reports all that is wrong with it at once, before anything is touched. */
public final class ConfigCheck {
    private static final Pattern PROPERTY = Pattern.compile("property (glidepath[a-z.-]+)");

    /** What Kubernetes sets in every pod of a namespace that has a Service named glidepath. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile("GLIDEPATH(_.+)?_(SERVICE_HOST|SERVICE_PORT.*|PORT(_.+)?)");

    private static final String DNS_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
    private static final String DNS_SUBDOMAIN = "(?=.{1,253}$)" + DNS_LABEL + "(?:\\." + DNS_LABEL + ")*";

    /** A <a href="https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names">DNS-1123 subdomain</a>. */
    private static final Pattern POD_NAME = Pattern.compile(DNS_SUBDOMAIN);

    private static final Pattern NAMESPACE = Pattern.compile(DNS_LABEL);
    /** It is a label's value, too. */
    private static final Pattern RELEASE = Pattern.compile("(?=.{1,63}$)[a-z0-9]([-.a-z0-9]*[a-z0-9])?");

    /** Auto Scaling allows whatever can be printed in a group's name, but for a colon. */
    private static final Pattern GROUP_GLOBS = Pattern.compile("[ -9;-~]+");

    private static final Pattern HOOK_NAMES = Pattern.compile("[A-Za-z0-9_/, -]+");

    private static final Duration SHORTEST_LEAD_TIME = Duration.ofMinutes(1);
    private static final Duration LONGEST_LEAD_TIME = Duration.ofDays(7);

    private final NthEnvironment nth;
    private final Map<String, String> environment;
    private final Path podToken;
    private final List<String> problems;

    private ConfigCheck(NthEnvironment nth, Path podToken) {
        this.nth = nth;
        this.podToken = podToken;
        this.environment = nth.variables();
        this.problems = new ArrayList<>(nth.wrong());
    }

    /** What the configuration came to. */
    public sealed interface Result {
        /**
         * It holds.
         *
         * @param region the queue's AWS region
         * @param effective each option's variable and what holds for it
         * @param remarks what to tell whoever set the variables
         */
        record Valid(GlidepathConfig config, String region, List<String> effective, Remarks remarks)
                implements Result {}

        /** It does not: a line for each variable, with what was found and what is expected. */
        record Invalid(List<String> problems) implements Result {}
    }

    /**
     * What is to be told of variables that are not wrong.
     *
     * @param unknown those that look like ours and are not
     * @param fromNth what became of those of AWS Node Termination Handler's, a line each
     * @param notFromNth those of its that ask for what is not here, and what is here instead, a line each
     */
    public record Remarks(List<String> unknown, List<String> fromNth, List<String> notFromNth) {}

    /** Checks what the environment variables of this process say. */
    public static Result ofThisProcess() {
        return of(System.getenv(), Path.of(Config.KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH));
    }

    /**
     * Checks what these environment variables say.
     *
     * @param podToken where a pod has the token of its ServiceAccount, unless a variable names another place
     */
    static Result of(Map<String, String> environment, Path podToken) {
        ConfigCheck check = new ConfigCheck(new NthEnvironment(environment), podToken);
        Optional<GlidepathConfig> config = check.options();
        check.range("glidepath.http.port", 1, 65_535);
        check.range("glidepath.drain.evictions-in-flight", 1, 1000);
        check.range("glidepath.drain.brake", 1, 100);
        check.range("glidepath.queue-receivers", 1, 16);
        check.leadTime();
        check.healthNotice();
        check.form("glidepath.lifecycle.groups", GROUP_GLOBS.asMatchPredicate());
        check.form("glidepath.lifecycle.hooks", HOOK_NAMES.asMatchPredicate());
        check.form("glidepath.node.capacity-block-label", NodeSelector::isLabelKey);
        check.form("glidepath.pod.name", POD_NAME.asMatchPredicate());
        check.form("glidepath.pod.namespace", NAMESPACE.asMatchPredicate());
        check.form("glidepath.pod.release", RELEASE.asMatchPredicate());
        check.switches();
        config.ifPresent(check::stayAndExpire);
        String region = check.region();
        check.cluster();
        return config.isPresent() && check.problems.isEmpty()
                ? new Result.Valid(config.get(), region, check.effective(), check.remarks())
                : new Result.Invalid(check.problems.stream().distinct().toList());
    }

    private Optional<GlidepathConfig> options() {
        try {
            return Optional.of(source().withMapping(GlidepathConfig.class)
                    .withValidateUnknown(false)
                    .build()
                    .getConfigMapping(GlidepathConfig.class));
        } catch (ConfigValidationException invalid) {
            for (int problem = 0; problem < invalid.getProblemCount(); problem++) {
                String said = invalid.getProblem(problem).getMessage();
                Matcher property = PROPERTY.matcher(said);
                problems.add(property.find() ? wrong(property.group(1)).orElse(said) : said);
            }
            return Optional.empty();
        }
    }

    private void range(String property, int least, int most) {
        value(property, Integer.class)
                .filter(value -> value < least || value > most)
                .flatMap(value -> wrong(property))
                .ifPresent(problems::add);
    }

    private void leadTime() {
        value("glidepath.scheduled.lead-time", Duration.class)
                .filter(time -> time.compareTo(SHORTEST_LEAD_TIME) < 0 || time.compareTo(LONGEST_LEAD_TIME) > 0)
                .flatMap(time -> wrong("glidepath.scheduled.lead-time"))
                .ifPresent(problems::add);
    }

    /** Nothing is to end, so that nothing has to leave. */
    private void healthNotice() {
        value("glidepath.response.health-notice", Response.class)
                .filter(response -> response != Response.IGNORE && response != Response.NOTIFY)
                .flatMap(response -> wrong("glidepath.response.health-notice"))
                .ifPresent(problems::add);
    }

    /** A text of another form names nothing that can be there. */
    private void form(String property, Predicate<String> form) {
        value(property, String.class)
                .filter(form.negate())
                .flatMap(text -> wrong(property))
                .ifPresent(problems::add);
    }

    /** What is no word for yes would silently mean no. */
    private void switches() {
        Option.all().stream()
                .filter(option -> option.declaration().getReturnType() == boolean.class)
                .filter(option ->
                        !environment.getOrDefault(option.variable(), "true").matches("(?i)true|false"))
                .forEach(option -> problems.add(problem(option.variable(), option.expects())));
    }

    /** Pods that stay need their instance: completing its hook at the deadline would take it away. */
    private void stayAndExpire(GlidepathConfig config) {
        if (config.lifecycle().atLastCall() == AtLastCall.STAY
                && config.lifecycle().atDeadline() != AtDeadline.EXPIRE) {
            problems.add(problem(
                    "GLIDEPATH_LIFECYCLE_AT_DEADLINE", "expire, since GLIDEPATH_LIFECYCLE_AT_LAST_CALL is stay"));
        }
    }

    /** What one option is set to, by itself; empty where it is not set, or cannot be read, which {@link #options} tells. */
    private <T> Optional<T> value(String property, Class<T> type) {
        try {
            return source().build().getOptionalValue(property, type);
        } catch (IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }

    private SmallRyeConfigBuilder source() {
        return new SmallRyeConfigBuilder()
                .withSources(new EnvConfigSource(environment, EnvConfigSource.ORDINAL))
                .withConverter(QueueUrl.class, 200, new QueueUrl.FromText())
                .withConverter(Waves.class, 200, new WavesFromText())
                .withConverter(Names.class, 200, new Names.FromText())
                .withConverter(NodeSelector.class, 200, new NodeSelectorFromText())
                .withConverter(Duration.class, 200, new DurationConverter());
    }

    private Optional<String> wrong(String property) {
        return Option.all().stream()
                .filter(option -> option.property().equals(property))
                .findFirst()
                .map(option -> problem(option.variable(), option.expects()));
    }

    private String problem(String variable, String expected) {
        String found = environment.containsKey(variable) ? '"' + environment.get(variable) + '"' : "nothing";
        String origin =
                nth.originOf(variable).map(nths -> " (from " + nths + ")").orElse("");
        return variable + origin + ": found " + found + ", expected " + expected;
    }

    private String region() {
        String region = environment.getOrDefault("AWS_REGION", "");
        if (!region.isEmpty()) {
            if (!region.matches("[a-z]{2,}(-[a-z]+)+-[0-9]+")) {
                problems.add(problem("AWS_REGION", "a region such as eu-west-1"));
            }
            return region;
        }
        Optional<QueueUrl> queue = value("glidepath.queue-url", QueueUrl.class);
        Optional<String> told = queue.flatMap(QueueUrl::region);
        if (queue.isPresent() && told.isEmpty()) {
            problems.add(problem("AWS_REGION", "a region such as eu-west-1, which the queue's URL does not tell"));
        }
        return told.orElse("");
    }

    private void cluster() {
        String kubeconfig = environment.getOrDefault("KUBECONFIG", "");
        if (!kubeconfig.isEmpty()) {
            if (!isKubeconfig(new File(kubeconfig))) {
                problems.add(problem("KUBECONFIG", "a kubeconfig file that can be read"));
            }
        } else if (!Files.isReadable(
                Path.of(environment.getOrDefault("KUBERNETES_AUTH_SERVICEACCOUNT_TOKEN", podToken.toString())))) {
            problems.add(
                    problem("KUBECONFIG", "a kubeconfig file, since this is not a pod with a service account token"));
        }
    }

    private static boolean isKubeconfig(File file) {
        try {
            return file.isFile() && !Config.fromKubeconfig(file).getMasterUrl().isEmpty();
        } catch (RuntimeException unreadable) {
            return false;
        }
    }

    private List<String> effective() {
        return Option.all().stream()
                .map(option -> option.variable() + "="
                        + environment.getOrDefault(
                                option.variable(), option.defaultValue().orElse("")))
                .toList();
    }

    private Remarks remarks() {
        return new Remarks(unknown(), nth.became(), nth.missing());
    }

    private List<String> unknown() {
        var known = Option.all().stream().map(Option::variable).collect(Collectors.toSet());
        return environment.keySet().stream()
                .filter(variable -> variable.startsWith("GLIDEPATH_") && !known.contains(variable))
                .filter(variable -> !SERVICE_LINK.matcher(variable).matches())
                .sorted()
                .toList();
    }
}
