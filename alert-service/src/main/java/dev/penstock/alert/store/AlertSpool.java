package dev.penstock.alert.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An append-only file of changes that Postgres has not got yet: a JSON object per line, synced before it counts. Blocking;
 * used by one thread at a time, off the event loop.
 */
public final class AlertSpool {
    private static final Logger log = LoggerFactory.getLogger(AlertSpool.class);
    private static final long MAX_BYTES = 64L << 20;

    private final Path file;

    public AlertSpool(Path folder) {
        this.file = folder.resolve("alerts.spool");
    }

    /** Appends and syncs. @throws IOException if the disk refuses or the spool is full: then the change does not count */
    public void append(List<AlertRecord> records) throws IOException {
        StringBuilder lines = new StringBuilder();
        records.forEach(record -> lines.append(AlertJson.write(record)).append('\n'));
        byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            if (channel.size() + bytes.length > MAX_BYTES) {
                throw new IOException("the alert spool is full (" + MAX_BYTES + " bytes): bring Postgres back");
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    /** Everything in the spool, oldest first. A last line that a crash cut short never counted and is left out. */
    public List<AlertRecord> read() throws IOException {
        List<AlertRecord> records = new ArrayList<>();
        if (!Files.exists(file)) {
            return records;
        }
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            try {
                records.add(AlertJson.read(line, AlertRecord.class));
            } catch (IllegalArgumentException e) {
                log.warn("left out a line of the alert spool that is not whole ({} characters)", line.length());
            }
        }
        return records;
    }

    /** Forgets what Postgres has now. */
    public void clear() throws IOException {
        Files.deleteIfExists(file);
    }
}
