package dev.penstock.common.telemetry;

import com.datadoghq.sketch.ddsketch.DDSketch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A sketch that many threads record into at once. Each thread has a stripe that it finds free nearly always; where it is
 * taken, the next one serves, so that nobody waits for a drain or for a thread that was put aside by the machine.
 */
final class StripedSketch {
    private static final int STRIPES =
            Math.clamp(2L * Integer.highestOneBit(Runtime.getRuntime().availableProcessors()), 4, 16);

    private final Stripe[] stripes = new Stripe[STRIPES];

    StripedSketch() {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    /** Adds a value; what is no number is left out, what is negative counts as 0 (clocks and sizes cannot be). */
    void record(double value) {
        if (!(value < Double.MAX_VALUE)) {
            return;
        }
        double positive = Math.max(0, value);
        int next = (int) Thread.currentThread().threadId();
        while (!stripes[next & (STRIPES - 1)].tryRecord(positive)) {
            next++;
            Thread.onSpinWait();
        }
    }

    /** What was recorded since the last call; null if nothing was. For one thread at a time. */
    @Nullable
    DDSketch drain() {
        DDSketch all = null;
        for (Stripe stripe : stripes) {
            all = stripe.drainInto(all);
        }
        return all;
    }

    private static final class Stripe {
        private final AtomicBoolean taken = new AtomicBoolean();
        /** Read and written by whoever has {@link #taken}. */
        private @Nullable DDSketch sketch;

        boolean tryRecord(double value) {
            if (taken.getPlain() || !taken.compareAndSet(false, true)) {
                return false;
            }
            try {
                if (sketch == null) {
                    sketch = Sketches.create();
                }
                sketch.accept(value);
            } finally {
                taken.setRelease(false);
            }
            return true;
        }

        @Nullable
        DDSketch drainInto(@Nullable DDSketch all) {
            while (!taken.compareAndSet(false, true)) {
                Thread.onSpinWait();
            }
            try {
                return moved(all);
            } finally {
                taken.setRelease(false);
            }
        }

        /** A stripe that was idle for a whole slot gives its memory back. */
        private @Nullable DDSketch moved(@Nullable DDSketch all) {
            if (sketch == null || sketch.isEmpty()) {
                sketch = null;
                return all;
            }
            DDSketch target = all == null ? Sketches.create() : all;
            target.mergeWith(sketch);
            sketch.clear();
            return target;
        }
    }
}
