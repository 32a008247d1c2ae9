package dev.penstock.benchmarks.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * One HTTP request to loopback as bytes. Where its body holds {@link #NUMBER}, each sending carries another number there,
 * so that no two are alike; the length stays the same.
 */
public final class Shot {
    /** Stands in a body for a number of twelve digits. */
    public static final String NUMBER = "############";

    private final int port;
    private final String path;
    private final Map<String, String> headers;
    private final String body;
    private final byte[] bytes;
    private final int numberAt;

    private Shot(int port, String path, Map<String, String> headers, String body) {
        this.port = port;
        this.path = path;
        this.headers = Map.copyOf(headers);
        this.body = body;
        String text = text(port, path, headers, body);
        this.bytes = text.getBytes(StandardCharsets.US_ASCII);
        this.numberAt = text.indexOf(NUMBER);
    }

    /** A POST of JSON. */
    public static Shot post(int port, String path, Map<String, String> headers, String body) {
        return new Shot(port, path, headers, body);
    }

    /** The same request to another port. */
    public Shot to(int otherPort) {
        return new Shot(otherPort, path, headers, body);
    }

    public int port() {
        return port;
    }

    public String path() {
        return path;
    }

    public Map<String, String> headers() {
        return headers;
    }

    public String body() {
        return body;
    }

    /** A buffer of its own for one connection. */
    ByteBuffer buffer() {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    /** Makes the buffer ready to be written, with {@code number} in it where there is a place for one. */
    void load(ByteBuffer buffer, long number) {
        buffer.clear();
        if (numberAt >= 0) {
            long rest = number;
            for (int i = NUMBER.length() - 1; i >= 0; i--) {
                buffer.put(numberAt + i, (byte) ('0' + rest % 10));
                rest /= 10;
            }
        }
    }

    private static String text(int port, String path, Map<String, String> headers, String body) {
        StringBuilder text = new StringBuilder(512)
                .append("POST ")
                .append(path)
                .append(" HTTP/1.1\r\nHost: 127.0.0.1:")
                .append(port)
                .append("\r\nContent-Type: application/json\r\nContent-Length: ")
                .append(body.length())
                .append("\r\n");
        headers.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
        return text.append("\r\n").append(body).toString();
    }
}
