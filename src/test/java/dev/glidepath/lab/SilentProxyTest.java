package dev.glidepath.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bytes pass until they are told not to, and then nothing at all does. */
class SilentProxyTest {
    private static final int PATIENCE_MILLIS = 60_000;

    /** So long nothing comes where nothing may. */
    private static final int SILENCE_MILLIS = 300;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private ServerSocket echo;
    private SilentProxy proxy;

    @BeforeEach
    void start() throws IOException {
        echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::echoUntilClosed);
        proxy = new SilentProxy(new InetSocketAddress(InetAddress.getLoopbackAddress(), echo.getLocalPort()));
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
        echo.close();
        threads.shutdownNow();
    }

    @Test
    void passesBytesAndTheEnd() throws IOException {
        try (Socket client = connect()) {
            assertThat(echoes(client, 1)).isTrue();
            client.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        await().atMost(Duration.ofMinutes(1)).until(() -> proxy.passing() == 0);
        assertThat(proxy.accepted()).isEqualTo(1);
    }

    @Test
    void openConnectionsFallSilentForGoodAndNewOnesWork() throws IOException {
        try (Socket before = connect()) {
            assertThat(echoes(before, 1)).isTrue();

            proxy.silenceOpen();

            assertThat(isSilent(before)).isTrue();
            try (Socket after = connect()) {
                assertThat(echoes(after, 2)).isTrue();
                assertThat(proxy.passing()).isEqualTo(1);
            }
            proxy.heal();
            assertThat(isSilent(before)).isTrue();
        }
    }

    @Test
    void newConnectionsAreSilentUntilItHeals() throws IOException {
        proxy.silenceAll();
        try (Socket client = connect()) {
            assertThat(isSilent(client)).isTrue();
        }

        proxy.heal();

        try (Socket client = connect()) {
            assertThat(echoes(client, 1)).isTrue();
        }
    }

    @Test
    void cutConnectionsAreReset() throws IOException {
        try (Socket before = connect()) {
            assertThat(echoes(before, 1)).isTrue();

            proxy.cutAll();

            assertThatIOException().isThrownBy(() -> before.getInputStream().read());
            assertThatIOException().isThrownBy(() -> {
                try (Socket after = connect()) {
                    after.getInputStream().read();
                }
            });
        }
        proxy.heal();
        try (Socket client = connect()) {
            assertThat(echoes(client, 1)).isTrue();
        }
    }

    private Socket connect() throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        client.setSoTimeout(PATIENCE_MILLIS);
        return client;
    }

    private static boolean echoes(Socket client, int word) throws IOException {
        client.getOutputStream().write(word);
        return client.getInputStream().read() == word;
    }

    private static boolean isSilent(Socket client) throws IOException {
        client.setSoTimeout(SILENCE_MILLIS);
        client.getOutputStream().write(7);
        assertThatExceptionOfType(SocketTimeoutException.class)
                .isThrownBy(() -> client.getInputStream().read());
        return true;
    }

    private void echoUntilClosed() {
        try {
            while (!echo.isClosed()) {
                Socket client = echo.accept();
                threads.execute(() -> {
                    try (client) {
                        client.getInputStream().transferTo(client.getOutputStream());
                    } catch (IOException ended) {
                        // As a test wanted.
                    }
                });
            }
        } catch (IOException closed) {
            // No more of them are wanted.
        }
    }
}
