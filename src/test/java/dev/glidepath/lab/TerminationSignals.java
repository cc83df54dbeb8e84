package dev.glidepath.lab;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ctrl-C and SIGTERM end this JVM. Helm's library is written in Go and takes both for itself when it is loaded, so they are taken back after
 * that. By reflection: the compiler warns of {@code sun.misc.Signal} in a way that cannot be silenced.
 */
final class TerminationSignals {
    private static final int SIGNALLED = 128;

    private TerminationSignals() {}

    static void takeBack() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Method number = signal.getMethod("getNumber");
            Object ending = Proxy.newProxyInstance(
                    TerminationSignals.class.getClassLoader(),
                    new Class<?>[] {handler},
                    (_, _, arguments) -> end(SIGNALLED + (int) number.invoke(arguments[0])));
            for (String name : List.of("INT", "TERM")) {
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), ending);
            }
        } catch (ReflectiveOperationException none) {
            throw new IllegalStateException("this JVM has no sun.misc.Signal", none);
        }
    }

    /** On a thread of its own: the one that handles signals is needed for the next. */
    private static @Nullable Void end(int code) {
        Thread.ofPlatform().name("lab-signal").start(() -> System.exit(code));
        return null;
    }
}
