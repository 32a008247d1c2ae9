package dev.penstock.common.bus;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Passes one record type by reference inside a JVM and as length-prefixed CBOR between JVMs. */
final class RecordCodec<T> implements MessageCodec<T, T> {
    private final Class<T> type;
    private final ObjectWriter writer;
    private final ObjectReader reader;

    RecordCodec(Class<T> type, ObjectMapper mapper) {
        this.type = type;
        this.writer = mapper.writerFor(type);
        this.reader = mapper.readerFor(type);
    }

    @Override
    public void encodeToWire(Buffer wire, T message) {
        try {
            byte[] bytes = writer.writeValueAsBytes(message);
            wire.appendInt(bytes.length).appendBytes(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot encode " + type.getSimpleName(), e);
        }
    }

    @Override
    public T decodeFromWire(int position, Buffer wire) {
        int length = wire.getInt(position);
        try {
            return reader.readValue(wire.getBytes(position + 4, position + 4 + length));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot decode " + type.getSimpleName(), e);
        }
    }

    @Override
    public T transform(T message) {
        return message;
    }

    @Override
    public String name() {
        return type.getName();
    }

    @Override
    public byte systemCodecID() {
        return -1;
    }
}
