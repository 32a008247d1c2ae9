package dev.penstock.gateway.audit;

import dev.penstock.common.crypto.FieldCipher;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.unit.Bytes;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acts that wait on this process's disk for Postgres: files that are only appended to and synced before an act counts as
 * kept, encrypted, bounded in bytes. Blocks; one call at a time, by whatever thread.
 *
 * <pre>
 * record: i32 length · i32 CRC-32 · encrypted JSON
 * </pre>
 *
 * A record that was cut off by a crash was never confirmed to anybody and ends its file.
 */
final class AuditSpool {
    private static final Logger log = LoggerFactory.getLogger(AuditSpool.class);
    private static final int HEADER = 2 * Integer.BYTES;
    /** A file that has grown beyond this is followed by a new one, so that reading one back stays small. */
    private static final long FILE_BYTES = 1024 * 1024;

    private static final int MOST_RECORD = 64 * 1024;
    private static final String FIELD = "audit.spool";

    private final Path folder;
    private final FieldCipher cipher;
    private final long limit;
    private final AtomicLong bytes = new AtomicLong();
    private @Nullable FileChannel channel;
    private long next;

    /** @param limit bytes in all files together */
    AuditSpool(Path folder, FieldCipher cipher, long limit) {
        this.folder = folder;
        this.cipher = cipher;
        this.limit = limit;
    }

    /** Looks for what an earlier process left. */
    void open() throws IOException {
        Files.createDirectories(folder);
        long sum = 0;
        for (Path file : files()) {
            sum += Files.size(file);
            next = Math.max(next, number(file) + 1);
        }
        bytes.set(sum);
    }

    /** What waits; may be asked by any thread. */
    long bytes() {
        return bytes.get();
    }

    /** Appends and syncs; how many were kept, which are fewer than all where the limit is reached. */
    int append(Collection<AuditEntry> entries) throws IOException {
        List<ByteBuffer> records = new ArrayList<>();
        long size = 0;
        for (AuditEntry entry : entries) {
            ByteBuffer record = record(entry);
            if (bytes.get() + size + record.remaining() > limit) {
                break;
            }
            size += record.remaining();
            records.add(record);
        }
        if (records.isEmpty()) {
            return 0;
        }
        FileChannel file = file();
        long before = file.size();
        try {
            for (ByteBuffer record : records) {
                while (record.hasRemaining()) {
                    file.write(record);
                }
            }
            file.force(false);
        } catch (IOException e) {
            // Half a record would hide what follows it.
            file.truncate(before);
            throw e;
        }
        bytes.addAndGet(size);
        return records.size();
    }

    /** The oldest file with something in it, which nothing is added to any more; null where there is none. */
    @Nullable
    Path oldest() throws IOException {
        roll();
        List<Path> files = files();
        return files.isEmpty() ? null : files.getFirst();
    }

    /** What is in a file, up to the first record that cannot be read. */
    List<AuditEntry> read(Path file) throws IOException {
        List<AuditEntry> entries = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file));
        while (in.remaining() >= HEADER) {
            int length = in.getInt();
            int sum = in.getInt();
            if (length <= 0 || length > in.remaining()) {
                log.warn("a record of the audit spool was cut off, after {} good ones", entries.size());
                break;
            }
            byte[] sealed = new byte[length];
            in.get(sealed);
            if (sum != sum(sealed)) {
                log.error("a record of the audit spool is damaged; what follows in {} is lost", file.getFileName());
                break;
            }
            decode(sealed, entries);
        }
        return entries;
    }

    private void decode(byte[] sealed, List<AuditEntry> entries) {
        try {
            Bytes plain = cipher.decrypt(Bytes.of(sealed), FIELD, FIELD);
            entries.add(AuditEntry.of(new JsonObject(Buffer.buffer(plain.unsafeArray()))));
        } catch (Fault | IllegalArgumentException e) {
            log.error("a record of the audit spool cannot be read: {}", e.getMessage());
        }
    }

    /** After all of a file has arrived. */
    void delete(Path file) throws IOException {
        long size = Files.size(file);
        Files.delete(file);
        bytes.addAndGet(-size);
    }

    void close() throws IOException {
        roll();
    }

    private ByteBuffer record(AuditEntry entry) {
        Bytes plain = Bytes.of(entry.json().toBuffer());
        byte[] sealed = cipher.encrypt(plain, FIELD, FIELD).unsafeArray();
        if (sealed.length > MOST_RECORD) {
            throw new IllegalStateException("an act of " + sealed.length + " bytes");
        }
        return ByteBuffer.allocate(HEADER + sealed.length)
                .putInt(sealed.length)
                .putInt(sum(sealed))
                .put(sealed)
                .flip();
    }

    private static int sum(byte[] data) {
        CRC32 crc = new CRC32();
        crc.update(data);
        return (int) crc.getValue();
    }

    private FileChannel file() throws IOException {
        FileChannel open = channel;
        if (open != null && open.size() < FILE_BYTES) {
            return open;
        }
        roll();
        open = FileChannel.open(
                folder.resolve("audit-" + next++ + ".spool"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        channel = open;
        return open;
    }

    private void roll() throws IOException {
        FileChannel open = channel;
        if (open != null) {
            channel = null;
            open.close();
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> number(file) >= 0)
                    .sorted((one, other) -> Long.compare(number(one), number(other)))
                    .toList();
        }
    }

    private static long number(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.matches("audit-\\d{1,18}\\.spool") ? Long.parseLong(name.substring(6, name.length() - 6)) : -1;
    }
}
