package dev.penstock.testkit;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramPacket;
import io.vertx.core.datagram.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A DNS server on loopback that knows A and SRV records; anything else does not exist. Thread-safe. */
public final class FakeDns implements AutoCloseable {
    private static final int TYPE_A = 1;
    private static final int TYPE_SRV = 33;
    private static final int NOT_FOUND = 3;
    private static final int TTL_SECONDS = 1;

    private final DatagramSocket socket;
    private final Map<String, List<String>> addresses = new ConcurrentHashMap<>();
    private final Map<String, List<Service>> services = new ConcurrentHashMap<>();
    private volatile boolean silent;

    /** One SRV record. */
    public record Service(int priority, int weight, int port, String target) {}

    public FakeDns(Vertx vertx) {
        socket = Await.result(vertx.createDatagramSocket().listen(0, "127.0.0.1"));
        socket.handler(this::answer);
    }

    /** As {@code host:port}. */
    public String address() {
        return "127.0.0.1:" + socket.localAddress().port();
    }

    /** IPv4 addresses; none makes the name unknown. */
    public void host(String name, String... values) {
        addresses.put(name, List.of(values));
    }

    public void service(String name, Service... values) {
        services.put(name, List.of(values));
    }

    /** Answers nothing more, as a server that is away. */
    public void silent(boolean now) {
        silent = now;
    }

    @Override
    public void close() {
        Await.result(socket.close());
    }

    private void answer(DatagramPacket packet) {
        if (silent) {
            return;
        }
        Buffer query = packet.data();
        StringBuilder name = new StringBuilder();
        int at = 12;
        while (query.getByte(at) != 0) {
            int length = query.getByte(at);
            name.append(name.isEmpty() ? "" : ".").append(query.getString(at + 1, at + 1 + length));
            at += length + 1;
        }
        int type = query.getUnsignedShort(at + 1);
        Buffer question = query.getBuffer(12, at + 5);
        List<Buffer> records = switch (type) {
            case TYPE_A ->
                addresses.getOrDefault(name.toString(), List.of()).stream()
                        .map(FakeDns::ipv4)
                        .toList();
            case TYPE_SRV ->
                services.getOrDefault(name.toString(), List.of()).stream()
                        .map(FakeDns::srv)
                        .toList();
            default -> List.of();
        };
        boolean known = addresses.containsKey(name.toString()) || services.containsKey(name.toString());
        Buffer reply = Buffer.buffer()
                .appendBuffer(query.getBuffer(0, 2))
                .appendUnsignedShort(0x8180 | (known ? 0 : NOT_FOUND))
                .appendUnsignedShort(1)
                .appendUnsignedShort(records.size())
                .appendInt(0)
                .appendBuffer(question);
        for (Buffer data : records) {
            reply.appendUnsignedShort(0xC00C)
                    .appendUnsignedShort(type)
                    .appendUnsignedShort(1)
                    .appendInt(TTL_SECONDS)
                    .appendUnsignedShort(data.length())
                    .appendBuffer(data);
        }
        socket.send(reply, packet.sender().port(), packet.sender().host());
    }

    private static Buffer ipv4(String address) {
        Buffer data = Buffer.buffer();
        for (String part : address.split("\\.", -1)) {
            data.appendByte((byte) Integer.parseInt(part));
        }
        return data;
    }

    private static Buffer srv(Service service) {
        Buffer data = Buffer.buffer()
                .appendUnsignedShort(service.priority())
                .appendUnsignedShort(service.weight())
                .appendUnsignedShort(service.port());
        for (String label : service.target().split("\\.", -1)) {
            data.appendByte((byte) label.length()).appendBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        return data.appendByte((byte) 0);
    }
}
