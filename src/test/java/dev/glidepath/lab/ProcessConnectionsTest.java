package dev.glidepath.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class ProcessConnectionsTest {
    private static final long SELF = ProcessHandle.current().pid();

    @Test
    void countsEachConnectionOnce() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                ServerSocket another = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Socket _ = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket _ = new Socket(another.getInetAddress(), another.getLocalPort())) {
            ProcessConnections connections = new ProcessConnections(SELF, server.getLocalPort());
            assertThat(connections.count()).isZero();

            connections.look();
            connections.look();
            assertThat(connections.count()).isOne();

            try (Socket _ = new Socket(server.getInetAddress(), server.getLocalPort())) {
                connections.look();
            }
            connections.look();
            assertThat(connections.count())
                    .as("one that is closed has been seen")
                    .isEqualTo(2);
        }
    }

    @Test
    void processThatIsGoneHasNone() {
        ProcessConnections connections = new ProcessConnections(Long.MAX_VALUE, 443);

        connections.look();

        assertThat(connections.count()).isZero();
    }
}
