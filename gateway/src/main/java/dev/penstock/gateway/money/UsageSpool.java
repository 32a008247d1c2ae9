package dev.penstock.gateway.money;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The writing side of the local spool of one process start: intents and outcomes in order, in mapped files. {@link #append}
 * may be called by many event loops and copies a few hundred bytes under a lock; everything else blocks and belongs on a
 * worker. Bounded: when it is full, what comes is dropped, counted and logged.
 */
final class UsageSpool {
    private static final Logger log = LoggerFactory.getLogger(UsageSpool.class);
    private static final String SUFFIX = ".usage";
    private static final String LOCK_SUFFIX = ".lock";

    private final Path folder;
    private final String boot;
    private final int mostSegments;
    private final FileChannel lockFile;
    private final ReentrantLock lock = new ReentrantLock();
    private final ConcurrentLinkedDeque<SpoolSegment> segments = new ConcurrentLinkedDeque<>();
    private final AtomicInteger count = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();
    private int nextNumber;
    private @Nullable SpoolSegment active;
    private volatile @Nullable SpoolSegment spare;
    private volatile boolean dropping;
    private boolean closed;

    private UsageSpool(Path folder, String boot, int mostSegments, FileChannel lockFile) {
        this.folder = folder;
        this.boot = boot;
        this.mostSegments = mostSegments;
        this.lockFile = lockFile;
    }

    /**
     * Opens a spool of its own for this start; blocks.
     *
     * @param boot names this start of this process; letters and digits
     * @param mostBytes bound of all its files together
     */
    static UsageSpool open(Path folder, String boot, long mostBytes) throws IOException {
        Files.createDirectories(folder);
        FileChannel lockFile = FileChannel.open(
                folder.resolve(boot + LOCK_SUFFIX), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (lockFile.tryLock() == null) {
            throw new IOException("another process holds the usage spool " + boot);
        }
        int most = (int) Math.max(2, mostBytes / SpoolSegment.SIZE);
        UsageSpool spool = new UsageSpool(folder, boot, most, lockFile);
        spool.active = spool.create();
        spool.segments.add(spool.active);
        spool.prepare();
        return spool;
    }

    /** False where it had to be dropped. Never throws, never waits for the disk but to replace a file that was full early. */
    boolean append(Consumer<ByteBuffer> frame) {
        lock.lock();
        try {
            SpoolSegment segment = active;
            if (segment == null || !segment.fits(UsageFrames.LARGEST)) {
                segment = roll(segment);
            }
            if (segment == null) {
                drop(null);
                return false;
            }
            frame.accept(segment.buffer());
            segment.commit();
            dropping = false;
            return true;
        } catch (RuntimeException | InternalError e) { // a mapped file that the disk lost is an InternalError
            if (active != null) {
                active.buffer().position(active.committed());
            }
            drop(e);
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Keeps a file ready; blocks. */
    void prepare() {
        if (spare != null || count.get() >= mostSegments) {
            return;
        }
        try {
            SpoolSegment made = create();
            lock.lock();
            try {
                spare = made;
            } finally {
                lock.unlock();
            }
        } catch (IOException e) {
            log.warn("no further file for the usage spool in {}: {}", folder, e.toString());
        }
    }

    /** Whether {@link #prepare} has something to do. */
    boolean wantsSpare() {
        return spare == null;
    }

    /** Oldest first; the last one is written to. */
    List<SpoolSegment> segments() {
        return List.copyOf(segments);
    }

    /** A file of which nothing is needed any more; blocks. */
    void remove(SpoolSegment segment) throws IOException {
        segments.remove(segment);
        count.decrementAndGet();
        segment.close();
        Files.deleteIfExists(segment.file());
    }

    /** Frames that were lost. */
    long dropped() {
        return dropped.sum();
    }

    long bytes() {
        return (long) count.get() * SpoolSegment.SIZE;
    }

    /** Seals what is written to, so that it can be removed once it is stored; blocks. */
    void close() throws IOException {
        lock.lock();
        try {
            closed = true;
            if (active != null) {
                active.seal();
                active = null;
            }
        } finally {
            lock.unlock();
        }
        SpoolSegment unused = spare;
        spare = null;
        if (unused != null) {
            count.decrementAndGet();
            unused.close();
            Files.deleteIfExists(unused.file());
        }
    }

    /** Lets others take over what is left; blocks. */
    void release() throws IOException {
        if (segments.isEmpty()) {
            Files.deleteIfExists(folder.resolve(boot + LOCK_SUFFIX));
        }
        lockFile.close();
    }

    /**
     * Takes over the files of starts that are over: their processes hold no lock any more. Blocks.
     *
     * @return the files in the order in which they were written, and the locks that say they are ours
     */
    static Left leftovers(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        List<FileChannel> locks = new ArrayList<>();
        List<Path> names;
        try (Stream<Path> all = Files.list(folder)) {
            names = all.sorted().toList();
        }
        for (Path name : names) {
            String text = name.getFileName().toString();
            FileChannel mine = text.endsWith(LOCK_SUFFIX) ? lock(name) : null;
            if (mine != null) {
                locks.add(mine);
                String boot = text.substring(0, text.length() - LOCK_SUFFIX.length());
                names.stream()
                        .filter(each -> each.getFileName().toString().startsWith(boot + '-'))
                        .forEach(files::add);
                files.add(name);
            }
        }
        return new Left(
                files.stream().filter(each -> each.toString().endsWith(SUFFIX)).toList(), files, locks);
    }

    /**
     * What dead processes left.
     *
     * @param data what is to be read
     * @param all what is to be deleted afterwards
     * @param locks to be closed at the very end
     */
    record Left(List<Path> data, List<Path> all, List<FileChannel> locks) {}

    private static @Nullable FileChannel lock(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        try {
            FileLock taken = channel.tryLock();
            if (taken != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // Somebody in this very process holds it.
        }
        channel.close();
        return null;
    }

    private @Nullable SpoolSegment roll(@Nullable SpoolSegment full) {
        if (full != null) {
            full.seal();
            active = null;
        }
        if (closed) {
            return null;
        }
        SpoolSegment next = spare;
        spare = null;
        if (next == null && count.get() < mostSegments) {
            try {
                next = create();
            } catch (IOException e) {
                log.debug("the usage spool cannot grow", e);
            }
        }
        if (next != null) {
            segments.add(next);
            active = next;
        }
        return next;
    }

    private SpoolSegment create() throws IOException {
        int number;
        lock.lock();
        try {
            number = nextNumber++;
        } finally {
            lock.unlock();
        }
        SpoolSegment made = SpoolSegment.create(folder.resolve("%s-%08d%s".formatted(boot, number, SUFFIX)));
        count.incrementAndGet();
        return made;
    }

    private void drop(@Nullable Throwable cause) {
        dropped.increment();
        if (!dropping) {
            dropping = true;
            log.error(
                    "usage is lost: the spool in {} is full or broken; bring Postgres back or free the disk",
                    folder,
                    cause);
        }
    }
}
