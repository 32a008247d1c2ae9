package dev.penstock.cache.store;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import dev.penstock.common.contract.CacheContract.Entry;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.unit.Bytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * The form of an entry in Redis and Postgres: version, flags, numbers, two short texts, body. Bodies that shrink are
 * compressed with zstd. What cannot be read, because it is damaged or of a newer version, is a miss and never an error.
 *
 * <pre>
 * u8 version=2 · u8 flags (1 zstd, 2 usage estimated) · i64 stamp · i64 createdAt ms · i64 ttl ms · i64 compute ns
 * · i64 input, cached, cache-write, output and reasoning tokens · u16+utf8 content type · u16+utf8 model · i32 body length · body
 * </pre>
 */
public final class Envelope {
    private static final byte VERSION = 2;
    private static final int ZSTD = 1;
    private static final int ESTIMATED = 2;
    private static final int FIXED = 2 + 9 * Long.BYTES + 2 * Short.BYTES + Integer.BYTES;
    /** Below this a frame's own overhead and the call eat what is saved; embeddings of 256 floats stay as they are. */
    private static final int COMPRESS_FROM = 2_048;
    /** Level 1: about 400 MB/s per core; higher levels gain a few percent for several times the work. */
    private static final int LEVEL = 1;

    private Envelope() {}

    /** Encodes; for bodies of more than a few dozen KiB to be called off the event loop. */
    public static Bytes encode(Stamped stamped) {
        Entry entry = stamped.entry();
        byte[] raw = entry.body().unsafeArray();
        Optional<byte[]> packed = compress(raw);
        byte[] body = packed.orElse(raw);
        int flags = (packed.isPresent() ? ZSTD : 0) | (entry.usage().estimated() ? ESTIMATED : 0);
        byte[] contentType = text(entry.contentType());
        byte[] model = text(entry.model());
        ByteBuffer out = ByteBuffer.allocate(FIXED + contentType.length + model.length + body.length);
        out.put(VERSION).put((byte) flags).putLong(stamped.stamp());
        out.putLong(entry.createdAtMillis()).putLong(entry.ttl().toMillis());
        out.putLong(entry.computeTime().toNanos());
        Usage usage = entry.usage();
        out.putLong(usage.inputTokens()).putLong(usage.cachedTokens()).putLong(usage.cacheWriteTokens());
        out.putLong(usage.outputTokens()).putLong(usage.reasoningTokens());
        out.putShort((short) contentType.length).put(contentType);
        out.putShort((short) model.length).put(model);
        out.putInt(raw.length).put(body);
        return Bytes.of(out.array());
    }

    /**
     * Decodes; empty where the bytes are not an envelope that this version reads.
     *
     * @param maxBody the most that a body may unpack to, so that damaged lengths cannot exhaust memory
     */
    public static Optional<Stamped> decode(byte[] bytes, long maxBody) {
        try {
            return read(ByteBuffer.wrap(bytes), maxBody);
        } catch (BufferUnderflowException | ArithmeticException | ZstdException e) {
            return Optional.empty();
        }
    }

    private static Optional<Stamped> read(ByteBuffer in, long maxBody) {
        if (in.get() != VERSION) {
            return Optional.empty();
        }
        int flags = in.get();
        long stamp = in.getLong();
        long createdAt = in.getLong();
        Duration ttl = Duration.ofMillis(in.getLong());
        Duration compute = Duration.ofNanos(in.getLong());
        Usage usage = new Usage(
                in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong(), (flags & ESTIMATED) != 0);
        String contentType = text(in);
        String model = text(in);
        int length = in.getInt();
        if (length < 0 || length > maxBody) {
            return Optional.empty();
        }
        byte[] rest = new byte[in.remaining()];
        in.get(rest);
        return body(rest, length, (flags & ZSTD) != 0)
                .map(body -> new Stamped(new Entry(contentType, body, createdAt, ttl, compute, usage, model), stamp));
    }

    private static Optional<Bytes> body(byte[] stored, int length, boolean compressed) {
        if (!compressed) {
            return stored.length == length ? Optional.of(Bytes.of(stored)) : Optional.empty();
        }
        byte[] raw = new byte[length];
        long size = Zstd.decompressByteArray(raw, 0, length, stored, 0, stored.length);
        return size == length ? Optional.of(Bytes.of(raw)) : Optional.empty();
    }

    /** Empty where it does not pay: embeddings hardly shrink, and unpacking costs at each hit. */
    private static Optional<byte[]> compress(byte[] raw) {
        if (raw.length < COMPRESS_FROM) {
            return Optional.empty();
        }
        byte[] packed = new byte[(int) Zstd.compressBound(raw.length)];
        long size = Zstd.compressByteArray(packed, 0, packed.length, raw, 0, raw.length, LEVEL);
        return Zstd.isError(size) || size > raw.length - raw.length / 10
                ? Optional.empty()
                : Optional.of(Arrays.copyOf(packed, (int) size));
    }

    private static byte[] text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= Short.MAX_VALUE ? bytes : Arrays.copyOf(bytes, Short.MAX_VALUE);
    }

    private static String text(ByteBuffer in) {
        byte[] bytes = new byte[in.getShort() & 0xffff];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
