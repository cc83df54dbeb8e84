package dev.glidepath.demo;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** Where lines go, in colour where that is a terminal. When nothing was printed for some seconds, it says what is awaited. */
final class Screen {
    /** A terminal of this width shows every line whole. */
    static final int WIDTH = 100;

    private static final Duration PATIENCE = Duration.ofSeconds(4);

    private final PrintStream out;
    private final boolean coloured;
    private String awaited = "";
    private long lastPrinted = System.nanoTime();
    private long awaitedSince = System.nanoTime();
    private boolean ended;

    /** How a text looks where there is colour. */
    enum Ink {
        PLAIN("0"),
        BOLD("1"),
        DIM("2"),
        RED("31"),
        GREEN("32"),
        YELLOW("33");

        private final String code;

        Ink(String code) {
            this.code = code;
        }
    }

    Screen(PrintStream out, boolean coloured) {
        this.out = out;
        this.coloured = coloured;
    }

    /**
     * Standard output.
     *
     * @see <a href="https://no-color.org">NO_COLOR</a>
     */
    static Screen ofStandardOutput() {
        boolean terminal = Optional.ofNullable(System.console()) // null or not where there is none: JDKs differ
                .filter(Console::isTerminal)
                .isPresent();
        boolean wanted = System.getenv().getOrDefault("NO_COLOR", "").isEmpty();
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        var screen = new Screen(out, terminal && wanted);
        Thread.ofPlatform().daemon().name("demo-patience").start(screen::breakSilences);
        return screen;
    }

    synchronized void line(String text) {
        if (ended) {
            return;
        }
        out.println(text);
        lastPrinted = System.nanoTime();
    }

    void title(String text) {
        line("");
        line(paint(Ink.BOLD, text));
    }

    /** What is to be said when it takes long, such as {@code the daemon to be ready}. */
    synchronized void awaiting(String what) {
        awaited = what;
        awaitedSince = System.nanoTime();
    }

    String paint(Ink ink, String text) {
        return coloured && ink != Ink.PLAIN ? "\u001b[%sm%s\u001b[0m".formatted(ink.code, text) : text;
    }

    /** Prints these last words, if it has not ended before, and nothing from then on. */
    synchronized void end(String words) {
        line("");
        line(words);
        ended = true;
        notifyAll();
    }

    private synchronized void breakSilences() {
        try {
            while (!ended) {
                long silence = System.nanoTime() - lastPrinted;
                if (silence >= PATIENCE.toNanos()) {
                    long seconds =
                            Duration.ofNanos(System.nanoTime() - awaitedSince).toSeconds();
                    line(paint(Ink.DIM, "          … waiting for %s, %d s".formatted(awaited, seconds)));
                } else {
                    wait(Duration.ofNanos(PATIENCE.toNanos() - silence).toMillis() + 1);
                }
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }
}
