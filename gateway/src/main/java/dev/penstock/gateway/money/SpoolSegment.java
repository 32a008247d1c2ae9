package dev.penstock.gateway.money;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One file of the spool, mapped: writing into it needs no system call, and what is written survives the process, though
 * not the machine. Making and closing block; writing is the owner's, under its lock.
 */
final class SpoolSegment {
    static final int SIZE = 4 << 20;

    private static final int BLOCK = 64 * 1024;

    private final Path file;
    private final Arena arena;
    private final ByteBuffer bytes;
    /** Everything before it is whole. */
    private volatile int committed;

    private volatile boolean sealed;

    private SpoolSegment(Path file, Arena arena, ByteBuffer bytes) {
        this.file = file;
        this.arena = arena;
        this.bytes = bytes;
    }

    /** Takes the disk space now, so that a full disk is found here and not in the middle of a request. */
    static SpoolSegment create(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocate(BLOCK);
            for (int at = 0; at < SIZE; at += channel.write(zeros.clear(), at)) {
                // The whole file, block by block.
            }
            Arena arena = Arena.ofShared();
            ByteBuffer bytes =
                    channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE, arena).asByteBuffer();
            return new SpoolSegment(file, arena, bytes);
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    Path file() {
        return file;
    }

    /** Where the next frame goes; call {@link #commit} after it. */
    ByteBuffer buffer() {
        return bytes;
    }

    boolean fits(int frame) {
        return bytes.remaining() >= frame;
    }

    void commit() {
        committed = bytes.position();
    }

    int committed() {
        return committed;
    }

    /** Nothing more is written. */
    void seal() {
        sealed = true;
    }

    boolean sealed() {
        return sealed;
    }

    /** Unmaps; the file stays. */
    void close() {
        arena.close();
    }
}
