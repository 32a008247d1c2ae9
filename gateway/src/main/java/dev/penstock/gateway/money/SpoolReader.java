package dev.penstock.gateway.money;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reading side of the spool: pairs intents with their outcomes, and deletes a file once everything in it is stored.
 * Blocking; used by one worker at a time.
 */
final class SpoolReader {
    private static final Logger log = LoggerFactory.getLogger(SpoolReader.class);
    private static final int WINDOW = 1 << 20;

    private final UsageSpool spool;
    private final Map<Path, Source> sources = new HashMap<>();
    /** Attempts without an end; as many as were under way at the place where we read. */
    private final Map<String, Open> open = new HashMap<>();

    private UsageSpool.@Nullable Left left;

    private static final class Source {
        private final Path file;
        private int offset;
        private int pending;

        Source(Path file) {
            this.file = file;
        }
    }

    private record Open(UsageIntent intent, Source source) {}

    SpoolReader(UsageSpool spool) {
        this.spool = spool;
    }

    /** Attempts that have not ended. */
    int openAttempts() {
        return open.size();
    }

    /** Everything that dead processes left: what they had not ended is settled at its estimate. */
    List<UsageRecord> recover(Path folder) throws IOException {
        UsageSpool.Left found = UsageSpool.leftovers(folder);
        left = found;
        Map<String, UsageIntent> unended = new HashMap<>();
        List<UsageRecord> records = new ArrayList<>();
        Map<String, UsageIntent> all = new HashMap<>();
        for (Path file : found.data()) {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            for (var frame = UsageFrames.read(bytes); frame != null; frame = UsageFrames.read(bytes)) {
                UsageIntent intent = frame.intent();
                UsageOutcome outcome = frame.outcome();
                if (intent != null) {
                    unended.put(intent.id(), intent);
                    all.put(intent.id(), intent);
                } else if (outcome != null) {
                    unended.remove(outcome.id());
                    UsageIntent begun = all.get(outcome.id());
                    if (begun != null) {
                        records.add(new UsageRecord(begun, outcome));
                    }
                }
            }
        }
        unended.values().forEach(intent -> records.add(UsageRecord.recovered(intent)));
        if (!found.data().isEmpty()) {
            log.info(
                    "took over the usage of processes that are gone: {} records, {} of them settled at their estimate",
                    records.size(),
                    unended.size());
        }
        return records;
    }

    /** What {@link #recover} found is stored. */
    void recovered() throws IOException {
        UsageSpool.Left found = left;
        left = null;
        if (found != null) {
            for (Path file : found.all()) {
                Files.deleteIfExists(file);
            }
            for (FileChannel lock : found.locks()) {
                lock.close();
            }
        }
    }

    /** The next ended attempts, at most that many; empty where there are none. What was given before must be stored. */
    List<UsageRecord> next(int most) throws IOException {
        List<UsageRecord> records = new ArrayList<>();
        for (SpoolSegment segment : spool.segments()) {
            Source source = sources.computeIfAbsent(segment.file(), Source::new);
            read(source, segment, records, most);
            if (records.size() >= most) {
                break;
            }
        }
        return records;
    }

    /** Deletes files of which everything is stored: to be called when all that {@link #next} gave is. */
    void stored() throws IOException {
        for (SpoolSegment segment : spool.segments()) {
            Source source = sources.get(segment.file());
            if (source != null && segment.sealed() && source.offset == segment.committed() && source.pending == 0) {
                spool.remove(segment);
                sources.remove(segment.file());
            }
        }
    }

    private void read(Source source, SpoolSegment segment, List<UsageRecord> records, int most) throws IOException {
        int end = segment.committed();
        if (source.offset >= end) {
            return;
        }
        try (FileChannel channel = FileChannel.open(source.file, StandardOpenOption.READ)) {
            while (source.offset < end && records.size() < most) {
                ByteBuffer bytes = window(channel, source.offset, end);
                int before = source.offset;
                for (var frame = UsageFrames.read(bytes); frame != null; frame = UsageFrames.read(bytes)) {
                    source.offset = before + bytes.position();
                    take(frame, source, records);
                    if (records.size() >= most) {
                        return;
                    }
                }
                if (source.offset == before) {
                    throw new IOException("the usage spool " + source.file + " is broken at byte " + before);
                }
            }
        }
    }

    private static ByteBuffer window(FileChannel channel, int from, int end) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.min(WINDOW, end - from));
        while (bytes.hasRemaining() && channel.read(bytes, (long) from + bytes.position()) >= 0) {
            // Until the window is full.
        }
        return bytes.flip();
    }

    private void take(UsageFrames.Read frame, Source source, List<UsageRecord> records) {
        UsageIntent intent = frame.intent();
        if (intent != null) {
            open.put(intent.id(), new Open(intent, source));
            source.pending++;
            return;
        }
        UsageOutcome outcome = frame.outcome();
        if (outcome == null) {
            return;
        }
        // The parts of one attempt come together; the first closes it last.
        Open begun = outcome.part() == 0 ? open.remove(outcome.id()) : open.get(outcome.id());
        if (begun == null) {
            log.warn("the usage spool has an end without a beginning: {}", outcome.id());
            return;
        }
        if (outcome.part() == 0) {
            begun.source().pending--;
        }
        records.add(new UsageRecord(begun.intent(), outcome));
    }
}
