package dev.penstock.benchmarks.load;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Requests at a fixed rate, whatever the server does. Latency counts from the moment at which a request was due, also
 * where all connections were busy then: a server that stalls cannot make the load stall with it (coordinated omission).
 * One thread sends and one receives, so that neither spins on a core that others need.
 */
public final class OpenLoop {
    private static final long PATIENCE_SECONDS = 15;
    private static final long SELECT_MILLIS = 50;

    private final Shot shot;
    private final BlockingQueue<Wire> free = new LinkedBlockingQueue<>();
    private final Histogram latency = Volley.histogram();
    private long errors;
    private volatile long answers;
    private volatile boolean done;
    private volatile @Nullable IOException failure;

    private OpenLoop(Shot shot) {
        this.shot = shot;
    }

    /**
     * Runs one load.
     *
     * @param rate requests a second
     * @param connections the most requests in flight; more wait, and their waiting counts
     * @param firstNumber of the requests that carry one; each takes the next
     * @throws IOException if the server cannot be reached, hangs up or stays silent
     */
    public static Volley run(Shot shot, int rate, int connections, Duration time, long firstNumber) throws IOException {
        return new OpenLoop(shot).run(rate, connections, time, firstNumber);
    }

    private Volley run(int rate, int connections, Duration time, long firstNumber) throws IOException {
        List<Wire> wires = new ArrayList<>(connections);
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < connections; i++) {
                wires.add(Wire.open(shot, selector));
            }
            free.addAll(wires);
            Thread receiver = Thread.ofPlatform().name("receiver").start(() -> receive(selector));
            long start = System.nanoTime();
            long sent = rate * time.toMillis() / 1000;
            try {
                send(sent, 1_000_000_000L / rate, start, firstNumber);
                drain(connections);
            } finally {
                done = true;
                selector.wakeup();
                join(receiver);
            }
            check();
            return new Volley(answers, errors, (System.nanoTime() - start) / 1e9, latency);
        } finally {
            wires.forEach(Wire::close);
        }
    }

    private void send(long count, long gapNanos, long start, long firstNumber) throws IOException {
        for (long i = 0; i < count; i++) {
            long due = start + i * gapNanos;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            check();
            take().send(due, firstNumber + i);
        }
    }

    private Wire take() throws IOException {
        try {
            Wire wire = free.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (wire == null) {
                throw new IOException("all connections wait for an answer since " + PATIENCE_SECONDS + " s");
            }
            return wire;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Until all that was sent is answered. */
    private void drain(int connections) throws IOException {
        for (int i = 0; i < connections; i++) {
            take();
        }
    }

    private void receive(Selector selector) {
        try {
            while (!done) {
                selector.select(SELECT_MILLIS);
                for (SelectionKey key : selector.selectedKeys()) {
                    received((Wire) key.attachment());
                }
                selector.selectedKeys().clear();
            }
        } catch (IOException e) {
            failure = e;
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written by the receiver alone
    private void received(Wire wire) throws IOException {
        int status = wire.receive();
        if (status == Wire.MORE) {
            return;
        }
        latency.recordValue(System.nanoTime() - wire.dueNanos());
        answers++;
        if (status / 100 != 2) {
            errors++;
        }
        free.add(wire);
    }

    private void check() throws IOException {
        IOException broken = failure;
        if (broken != null) {
            throw new IOException("the load broke off: " + broken.getMessage(), broken);
        }
    }

    private static void join(Thread thread) throws IOException {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
