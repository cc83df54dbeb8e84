package dev.glidepath.config;

import io.smallrye.config.WithDefault;
import java.lang.reflect.Method;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One option, as {@link GlidepathConfig} declares it.
 *
 * @param property its name in the configuration, such as {@code glidepath.http.port}
 * @param declaration the method that declares and documents it
 */
public record Option(String property, Method declaration) {

    /** All of them, in the order of their names. */
    public static List<Option> all() {
        return below("glidepath", GlidepathConfig.class)
                .sorted(Comparator.comparing(Option::property))
                .toList();
    }

    /** The environment variable that sets it. */
    public String variable() {
        return property.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** What its value looks like, in words that complete "expected …". */
    public String expects() {
        return declaration.getAnnotation(Expects.class).value();
    }

    /** What holds when nothing is set; empty when something must be. */
    public Optional<String> defaultValue() {
        return Optional.ofNullable(declaration.getAnnotation(WithDefault.class))
                .map(WithDefault::value)
                .or(() -> declaration.getReturnType() == Optional.class ? Optional.of("") : Optional.empty());
    }

    private static Stream<Option> below(String prefix, Class<?> group) {
        return Stream.of(group.getDeclaredMethods()).flatMap(method -> {
            String property =
                    prefix + "." + method.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            return method.isAnnotationPresent(Expects.class)
                    ? Stream.of(new Option(property, method))
                    : below(property, method.getReturnType());
        });
    }
}
