package dev.penstock.common.unit;

import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Immutable bytes, so that a message can be passed by reference inside one JVM without anybody changing it.
 *
 * <p>The factory and {@link #unsafeArray()} share the array instead of copying: whoever hands an array in must not
 * write to it again. Safe for use by many threads.
 */
public final class Bytes {
    /** No bytes at all. */
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private final byte[] array;

    private Bytes(byte[] array) {
        this.array = array;
    }

    /** Takes over {@code array}: the caller must not write to it afterwards. */
    public static Bytes of(byte[] array) {
        return array.length == 0 ? EMPTY : new Bytes(array);
    }

    /** The UTF-8 form of {@code text}. */
    public static Bytes of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A copy of what {@code buffer} holds now. */
    public static Bytes of(Buffer buffer) {
        return of(buffer.getBytes());
    }

    /** The length in bytes. */
    public int size() {
        return array.length;
    }

    /** The array itself, not a copy: read only. */
    public byte[] unsafeArray() {
        return array;
    }

    /** A read-only view. */
    public ByteBuffer asByteBuffer() {
        return ByteBuffer.wrap(array).asReadOnlyBuffer();
    }

    /** A buffer over the same array, without a copy: to be written to the network, not to be changed. */
    public Buffer asBuffer() {
        return BufferInternal.buffer(Unpooled.wrappedBuffer(array));
    }

    /** The bytes read as UTF-8. */
    public String utf8() {
        return new String(array, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Bytes that && Arrays.equals(array, that.array);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(array);
    }

    @Override
    public String toString() {
        return "Bytes[" + array.length + "]";
    }
}
