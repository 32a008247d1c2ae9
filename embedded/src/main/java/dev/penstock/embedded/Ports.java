package dev.penstock.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Free ports. Another program may still take one before the server does; callers try again then. */
final class Ports {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private Ports() {}

    static InetAddress loopback() throws IOException {
        return InetAddress.getByAddress(LOOPBACK);
    }

    static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(loopback(), 0));
            return socket.getLocalPort();
        }
    }
}
