package dev.glidepath.lab;

/** Has something done when the JVM ends, by Ctrl-C or SIGTERM as well, unless this is closed before. */
final class AtExit implements AutoCloseable {
    private final Thread hook;

    AtExit(Runnable todo) {
        hook = new Thread(todo, "lab-exit");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            return; // it is being done
        }
    }
}
