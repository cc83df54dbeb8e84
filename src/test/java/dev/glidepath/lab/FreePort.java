package dev.glidepath.lab;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of loopback for programs that have to be told theirs. They lie below those that the kernel gives to whoever asks for any port, and
 * to each connection: between our look at one and the program's, nobody is given it.
 */
final class FreePort {
    private static final int FIRST = 15_000;
    private static final int FIRST_OF_THE_KERNEL = 32_768;
    private static final int ATTEMPTS = 100;

    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private FreePort() {}

    /**
     * One that is free now; no other call in this JVM gives it.
     *
     * @throws IllegalStateException when none is found
     */
    static int any() {
        return ThreadLocalRandom.current()
                .ints(ATTEMPTS, FIRST, FIRST_OF_THE_KERNEL)
                .filter(port -> isFree(port) && GIVEN.add(port))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no free port on loopback"));
    }

    private static boolean isFree(int port) {
        try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
