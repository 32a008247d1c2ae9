package dev.penstock.gateway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A connection whose every byte the test decides about. */
final class Wire implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    private final Socket socket;

    Wire(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
    }

    /** How long one read waits; ten seconds if not set. */
    void patience(Duration time) throws IOException {
        socket.setSoTimeout((int) time.toMillis());
    }

    /** A head of a POST with the fixture's key; {@code more} are whole lines. */
    static String head(String path, String... more) {
        StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                + GatewayFixture.KEY + "\r\nContent-Type: application/json\r\n");
        for (String line : more) {
            head.append(line).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    Wire send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    Wire send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** Sends unless the other side has closed. */
    boolean trySend(String text) {
        try {
            send(text);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    InputStream in() throws IOException {
        return socket.getInputStream();
    }

    /** Whether there is anything to read, without waiting. */
    boolean ready() {
        try {
            return socket.getInputStream().available() > 0;
        } catch (IOException e) {
            return true;
        }
    }

    /** The first line of the answer; empty where the connection was closed without one. */
    String status() throws IOException {
        StringBuilder line = new StringBuilder();
        try {
            for (int c = in().read(); c >= 0 && c != '\r'; c = in().read()) {
                line.append((char) c);
            }
        } catch (SocketException e) {
            return line.toString();
        }
        return line.toString();
    }

    /** The head of the answer and the empty line behind it. */
    String head() throws IOException {
        StringBuilder head = new StringBuilder();
        for (int c = in().read(); c >= 0; c = in().read()) {
            head.append((char) c);
            if (c == '\n' && head.toString().endsWith("\r\n\r\n")) {
                break;
            }
        }
        return head.toString();
    }

    /** All that comes until the other side closes; fails if it does not. */
    String rest() throws IOException {
        try {
            return new String(in().readAllBytes(), StandardCharsets.UTF_8);
        } catch (SocketException e) {
            return "";
        }
    }

    /** All that comes until the other side closes, or that much of it. */
    String most(int bytes) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] part = new byte[8192];
        try {
            for (int n = in().read(part); n >= 0 && all.size() < bytes; n = in().read(part)) {
                all.write(part, 0, n);
            }
        } catch (SocketException e) {
            return all.toString(StandardCharsets.UTF_8);
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    /** Closes with a reset, as a process does that dies. */
    void abort() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
