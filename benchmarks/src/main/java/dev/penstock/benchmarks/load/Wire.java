package dev.penstock.benchmarks.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * One keep-alive connection with at most one request on it. Reads of an answer only what says where it ends. One thread
 * may send and another receive, since never both have something to do.
 */
final class Wire implements AutoCloseable {
    /** The answer is not complete. */
    static final int MORE = 0;

    private static final int MOST_HEAD = 64 * 1024;
    private static final byte[] LENGTH = {'c', 'o', 'n', 't', 'e', 'n', 't', '-', 'l', 'e', 'n', 'g', 't', 'h', ':'};

    private final SocketChannel channel;
    private final Shot shot;
    private final ByteBuffer out;
    private final ByteBuffer in = ByteBuffer.allocateDirect(MOST_HEAD);
    private boolean headRead;
    private int status;
    private long missing;
    private volatile long dueNanos;

    private Wire(SocketChannel channel, Shot shot) {
        this.channel = channel;
        this.shot = shot;
        this.out = shot.buffer();
    }

    static Wire open(Shot shot, Selector selector) throws IOException {
        SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), shot.port()));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        Wire wire = new Wire(channel, shot);
        channel.register(selector, SelectionKey.OP_READ, wire);
        return wire;
    }

    /** When the request should have left; from there its latency counts. */
    long dueNanos() {
        return dueNanos;
    }

    /** Sends the request; it must fit into the socket's buffer, as a small one does. */
    void send(long due, long number) throws IOException {
        dueNanos = due;
        shot.load(out, number);
        channel.write(out);
        if (out.hasRemaining()) {
            throw new IOException("the request did not fit into the socket's buffer");
        }
    }

    /** Takes what has come; the status of a complete answer, or {@link #MORE}. */
    int receive() throws IOException {
        int n = channel.read(in);
        if (n < 0) {
            throw new IOException("the server closed the connection");
        }
        if (headRead) {
            missing -= n;
        } else {
            int end = headEnd();
            if (end < 0) {
                return MORE;
            }
            headRead = true;
            status = (in.get(9) - '0') * 100 + (in.get(10) - '0') * 10 + (in.get(11) - '0');
            missing = length(end) - (in.position() - end);
        }
        in.clear();
        if (missing > 0) {
            return MORE;
        }
        headRead = false;
        return status;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private int headEnd() throws IOException {
        int last = in.position() - 3;
        for (int i = 0; i < last; i++) {
            if (in.get(i) == '\r' && in.get(i + 2) == '\r' && in.get(i + 1) == '\n' && in.get(i + 3) == '\n') {
                return i + 4;
            }
        }
        if (!in.hasRemaining()) {
            throw new IOException("the answer's head is too long");
        }
        return -1;
    }

    private long length(int headEnd) throws IOException {
        for (int i = 0; i < headEnd - LENGTH.length; i++) {
            if (in.get(i) == '\n' && named(i + 1)) {
                return number(i + 1 + LENGTH.length);
            }
        }
        throw new IOException("the answer does not say how long it is");
    }

    private boolean named(int at) {
        for (int i = 0; i < LENGTH.length; i++) {
            if ((in.get(at + i) | 0x20) != (LENGTH[i] | 0x20)) {
                return false;
            }
        }
        return true;
    }

    private long number(int from) {
        long value = 0;
        for (int i = from; in.get(i) != '\r'; i++) {
            byte b = in.get(i);
            value = b == ' ' ? value : value * 10 + (b - '0');
        }
        return value;
    }
}
