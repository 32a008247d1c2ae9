package dev.penstock.batching.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ServiceTimeFitTest {
    private static final long MS = 1_000_000;

    private final ServiceTimeFit fit = new ServiceTimeFit();

    @Test
    void record_noisySamples_findsBaseAndSlope() {
        Random random = new Random(1);
        for (int i = 0; i < 64; i++) {
            int n = 1 + random.nextInt(32);
            fit.record(n, (long) ((20 + n) * MS * (0.97 + 0.06 * random.nextDouble())), i * MS);
        }

        ServiceTime time = fit.current();
        assertThat(time.sloped()).isTrue();
        assertThat(time.baseNanos() / MS).isCloseTo(20, within(1.0));
        assertThat(time.perItemNanos() / MS).isCloseTo(1, within(0.1));
        assertThat(time.spread()).isBetween(1.0, 1.1);
    }

    @Test
    void record_rarePauses_areLeftOut() {
        for (int i = 0; i < 64; i++) {
            int n = 1 + i % 32;
            fit.record(n, (20 + n) * MS * (i % 16 == 5 ? 10 : 1), i * MS);
        }

        assertThat(fit.current().nanos(10) / (double) MS).isCloseTo(30, within(1.5));
    }

    @Test
    void record_oneSizeOnly_givesNoSlope() {
        for (int i = 0; i < 5; i++) {
            fit.record(1, 30 * MS, i);
        }

        assertThat(fit.current().sloped()).isFalse();
        assertThat(fit.current().nanos(1)).isEqualTo(30 * MS);
    }

    @Test
    void record_onlyFullBatchesForLong_keepsTheShapeAndFollowsTheSpeed() {
        for (int i = 0; i < 64; i++) {
            fit.record(1 + i % 32, (21 + i % 32) * MS, i);
        }
        for (int i = 0; i < 100; i++) {
            fit.record(32, 52 * MS, i);
        }
        assertThat(fit.current().nanos(1) / (double) MS).isCloseTo(21, within(1.0));
        for (int i = 0; i < 100; i++) {
            fit.record(32, 104 * MS, i);
        }

        assertThat(fit.current().nanos(32) / (double) MS).isCloseTo(104, within(1.0));
        assertThat(fit.current().nanos(1) / (double) MS).isCloseTo(42, within(2.0));
    }

    @Test
    void trusted_fewOrOldSamples_isNull() {
        fit.record(1, 30 * MS, 0);
        fit.record(2, 31 * MS, 0);
        assertThat(fit.trusted(0)).isNull();

        fit.record(3, 32 * MS, 0);
        assertThat(fit.trusted(999 * MS)).isNotNull();
        assertThat(fit.trusted(1_001 * MS)).isNull();
    }
}
