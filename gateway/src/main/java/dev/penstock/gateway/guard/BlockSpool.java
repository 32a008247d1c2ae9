package dev.penstock.gateway.guard;

import dev.penstock.common.crypto.FieldCipher;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.unit.Bytes;
import dev.penstock.gateway.guard.policy.Block;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blocks and lifts that wait on this process's disk for Postgres: one encrypted file, replaced whole and synced. Blocks
 * the thread; one call at a time.
 */
final class BlockSpool {
    private static final Logger log = LoggerFactory.getLogger(BlockSpool.class);
    private static final String FIELD = "guard.blocks";

    private final Path file;
    private final FieldCipher cipher;

    BlockSpool(Path file, FieldCipher cipher) {
        this.file = file;
        this.cipher = cipher;
    }

    /** What an earlier process left; what cannot be read is logged and put aside. */
    List<Block> read() throws IOException {
        List<Block> blocks = new ArrayList<>();
        if (!Files.exists(file)) {
            return blocks;
        }
        try {
            Bytes plain = cipher.decrypt(Bytes.of(Files.readAllBytes(file)), FIELD, FIELD);
            for (Object entry : new JsonArray(Buffer.buffer(plain.unsafeArray()))) {
                Block block = entry instanceof JsonObject json ? BlockText.read(json) : null;
                if (block != null) {
                    blocks.add(block);
                }
            }
        } catch (Fault | DecodeException | IllegalArgumentException e) {
            log.error("the blocks that waited for Postgres cannot be read, {} is put aside: {}", file, e.getMessage());
            Files.move(file, file.resolveSibling(file.getFileName() + ".bad"), StandardCopyOption.REPLACE_EXISTING);
        }
        return blocks;
    }

    /** Replaces what the file has; an empty collection deletes it. */
    void write(Collection<Block> blocks) throws IOException {
        if (blocks.isEmpty()) {
            Files.deleteIfExists(file);
            return;
        }
        JsonArray all = new JsonArray();
        blocks.forEach(block -> all.add(BlockText.json(block)));
        byte[] sealed = cipher.encrypt(Bytes.of(all.toBuffer()), FIELD, FIELD).unsafeArray();
        Files.createDirectories(file.getParent());
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel out = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(sealed);
            while (buffer.hasRemaining()) {
                out.write(buffer);
            }
            out.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
