package dev.penstock.common.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * Takes lines without ever waiting and writes them on a thread of its own. The queue is bounded: when it is nearly full
 * only warnings and errors still find room, when it is full nothing does, and what is dropped is counted.
 */
final class QueueAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private static final int CAPACITY = 8_192;
    /** Room that is kept for warnings and errors. */
    private static final int RESERVED = CAPACITY / 5;

    private static final long POLL_MILLIS = 200;
    private static final long FLUSH_MILLIS = 1_000;

    private final ArrayBlockingQueue<ILoggingEvent> queue = new ArrayBlockingQueue<>(CAPACITY);
    private final LongAdder dropped = new LongAdder();
    private final Encoder<ILoggingEvent> encoder;
    private final OutputStream out;
    private @Nullable Thread writer;

    QueueAppender(Encoder<ILoggingEvent> encoder, OutputStream out) {
        this.encoder = encoder;
        this.out = out;
    }

    /** Lines that were not written since the start. */
    long dropped() {
        return dropped.sum();
    }

    @Override
    public void start() {
        super.start();
        writer = Thread.ofPlatform().daemon().name("penstock-log").start(this::writeAll);
    }

    /** Writes what is queued, for a second at most. */
    @Override
    public void stop() {
        Thread last = writer;
        super.stop();
        if (last != null && !last.equals(Thread.currentThread())) {
            try {
                last.join(FLUSH_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (queue.remainingCapacity() <= RESERVED && !event.getLevel().isGreaterOrEqual(Level.WARN)) {
            dropped.increment();
            return;
        }
        note(event);
        event.prepareForDeferredProcessing();
        if (!queue.offer(event)) {
            dropped.increment();
        }
    }

    private static void note(ILoggingEvent event) {
        Correlation current =
                event instanceof LoggingEvent && !Correlation.notedOn(event) ? Correlation.current() : null;
        if (current != null && event instanceof LoggingEvent own) {
            own.addKeyValuePair(new KeyValuePair(Correlation.ID, current.correlationId()));
            if (current.traceId() != null) {
                own.addKeyValuePair(new KeyValuePair(Correlation.TRACE, current.traceId()));
            }
        }
    }

    private void writeAll() {
        try {
            while (isStarted() || !queue.isEmpty()) {
                ILoggingEvent event = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (event != null) {
                    write(event);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A full disk or a closed pipe costs lines, not the process. */
    private void write(ILoggingEvent event) {
        try {
            out.write(encoder.encode(event));
            if (queue.isEmpty()) {
                out.flush();
            }
        } catch (IOException | RuntimeException e) {
            dropped.increment();
        }
    }
}
