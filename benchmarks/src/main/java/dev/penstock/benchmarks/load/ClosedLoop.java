package dev.penstock.benchmarks.load;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * So many connections, each of which sends its next request when it has the answer to the last. One thread over plain
 * sockets: an HTTP client would cost more per request than the server that is measured. Says what a server can do, not
 * what its callers feel: for that see {@link OpenLoop}.
 */
public final class ClosedLoop {
    private static final long PATIENCE_NANOS = 15_000_000_000L;
    private static final long SELECT_MILLIS = 100;

    private final Shot shot;
    private final Histogram latency = Volley.histogram();
    private long number;
    private long answers;
    private long errors;

    private ClosedLoop(Shot shot, long firstNumber) {
        this.shot = shot;
        this.number = firstNumber;
    }

    /**
     * Runs one load.
     *
     * @param firstNumber of the requests that carry one; each takes the next
     * @throws IOException if the server cannot be reached, hangs up or stays silent
     */
    public static Volley run(Shot shot, int connections, Duration time, long firstNumber) throws IOException {
        return new ClosedLoop(shot, firstNumber).run(connections, time);
    }

    private Volley run(int connections, Duration time) throws IOException {
        List<Wire> wires = new ArrayList<>(connections);
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < connections; i++) {
                wires.add(Wire.open(shot, selector));
            }
            long start = System.nanoTime();
            for (Wire wire : wires) {
                wire.send(System.nanoTime(), number++);
            }
            long end = start + time.toNanos();
            long heard = start;
            for (long now = start; now < end; now = System.nanoTime()) {
                long before = answers;
                selector.select(SELECT_MILLIS);
                for (SelectionKey key : selector.selectedKeys()) {
                    received((Wire) key.attachment());
                }
                selector.selectedKeys().clear();
                heard = answers == before ? heard : now;
                if (now - heard > PATIENCE_NANOS) {
                    throw new IOException("no answer for " + PATIENCE_NANOS / 1_000_000_000 + " s");
                }
            }
            return new Volley(answers, errors, (System.nanoTime() - start) / 1e9, latency);
        } finally {
            wires.forEach(Wire::close);
        }
    }

    private void received(Wire wire) throws IOException {
        int status = wire.receive();
        if (status == Wire.MORE) {
            return;
        }
        long now = System.nanoTime();
        latency.recordValue(now - wire.dueNanos());
        answers++;
        if (status / 100 != 2) {
            errors++;
        }
        wire.send(now, number++);
    }
}
