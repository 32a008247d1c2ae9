package dev.penstock.common.telemetry;

import com.sun.management.OperatingSystemMXBean;
import dev.penstock.common.time.Ticker;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The process itself as levels: memory, garbage collection, processor, and how late its event loop is. Everything but
 * the memory of the process is read from counters in memory; that one is read from the kernel's own file, which never
 * waits for a disk.
 */
final class ProcessMetrics {
    private static final Path STATUS = Path.of("/proc/self/status");
    /** Often enough to see a stall of a quarter of a second, rare enough to cost nothing. */
    private static final long PROBE_MILLIS = 250;

    private final Vertx vertx;
    private final Ticker ticker;
    private final List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans();
    private final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private long probeTimer = -1;
    private long probeDueNanos;
    private long worstLagNanos;
    private long lastGcMillis;
    private long lastSampleNanos;
    private boolean stopped;
    private volatile double lagSeconds = Double.NaN;
    private volatile double gcRatio = Double.NaN;
    private volatile double residentBytes = Double.NaN;

    ProcessMetrics(Vertx vertx, Telemetry telemetry, Ticker ticker) {
        this.vertx = vertx;
        this.ticker = ticker;
        lastSampleNanos = ticker.nanos();
        lastGcMillis = gcMillis();
        telemetry.gauge("penstock_process_heap_used_bytes", "Heap in use.", () -> heap().getUsed());
        telemetry.gauge("penstock_process_heap_max_bytes", "Heap that may be used.", () -> heap().getMax());
        telemetry.gauge("penstock_process_resident_bytes", "Memory of the process.", () -> residentBytes);
        telemetry.gauge("penstock_process_gc_ratio", "Share of the last slot spent collecting.", () -> gcRatio);
        telemetry.gauge("penstock_process_cpu_ratio", "Share of all processors used.", system::getProcessCpuLoad);
        telemetry.gauge("penstock_event_loop_lag_seconds", "Worst delay of a timer in the slot.", () -> lagSeconds);
        telemetry.gauge(
                "penstock_process_threads",
                "Live platform threads.",
                () -> ManagementFactory.getThreadMXBean().getThreadCount());
    }

    void start() {
        probe();
    }

    void stop() {
        stopped = true;
        vertx.cancelTimer(probeTimer);
    }

    /** Ends the slot: what was worst in it becomes the level. */
    void sample() {
        long now = ticker.nanos();
        long gc = gcMillis();
        double slotMillis = Math.max(1, (now - lastSampleNanos) / 1e6);
        gcRatio = (gc - lastGcMillis) / slotMillis;
        lagSeconds = worstLagNanos / 1e9;
        residentBytes = resident();
        lastSampleNanos = now;
        lastGcMillis = gc;
        worstLagNanos = 0;
    }

    private void probe() {
        if (stopped) {
            return;
        }
        probeDueNanos = ticker.nanos() + PROBE_MILLIS * 1_000_000;
        probeTimer = vertx.setTimer(PROBE_MILLIS, fired -> {
            worstLagNanos = Math.max(worstLagNanos, ticker.nanos() - probeDueNanos);
            probe();
        });
    }

    private long gcMillis() {
        long sum = 0;
        for (GarbageCollectorMXBean collector : collectors) {
            sum += Math.max(0, collector.getCollectionTime());
        }
        return sum;
    }

    private static MemoryUsage heap() {
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    }

    /** Only Linux tells it this way; elsewhere it stays unknown. */
    private static double resident() {
        try {
            if (Files.isReadable(STATUS)) {
                for (String line : Files.readAllLines(STATUS)) {
                    if (line.startsWith("VmRSS:")) {
                        String kibibytes = line.toLowerCase(Locale.ROOT).replaceAll("[^0-9]", "");
                        return Double.parseDouble(kibibytes) * 1024;
                    }
                }
            }
        } catch (IOException | NumberFormatException e) {
            return Double.NaN;
        }
        return Double.NaN;
    }
}
