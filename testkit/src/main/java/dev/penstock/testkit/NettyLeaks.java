package dev.penstock.testkit;

import io.netty.buffer.PooledByteBufAllocator;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What Netty found to be garbage without having been released. Filled where the JVM runs with
 * {@code -Dio.netty.customResourceLeakDetector=dev.penstock.testkit.LeakDetector} and a leak detection level;
 * empty otherwise. Thread-safe.
 */
public final class NettyLeaks {
    private static final ConcurrentLinkedQueue<String> FOUND = new ConcurrentLinkedQueue<>();
    /** A collection that takes longer is not waited for: what it finds is told after the next class. */
    private static final long PATIENCE_MILLIS = 5_000;

    private NettyLeaks() {}

    /** Collects garbage, asks Netty what was in it, and takes what was found until now. */
    public static List<String> collect() {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        Reference<Object> sentinel = new WeakReference<>(new Object(), queue);
        System.gc();
        try {
            queue.remove(PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Reference.reachabilityFence(sentinel);
        }
        PooledByteBufAllocator.DEFAULT.buffer(1).release(); // Netty looks when it hands out a buffer
        List<String> found = new ArrayList<>();
        for (String leak = FOUND.poll(); leak != null; leak = FOUND.poll()) {
            found.add(leak);
        }
        return found;
    }

    static void found(String leak) {
        FOUND.add(leak);
    }
}
