package dev.penstock.batching.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.common.pool.policy.FailureWindow;
import dev.penstock.common.pool.policy.PeakEwma;
import org.junit.jupiter.api.Test;

class HealthPoliciesTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;

    @Test
    void peakEwma_worseSample_countsAtOnceAndFades() {
        PeakEwma latency = new PeakEwma();
        latency.record(10 * MS, 0);
        latency.record(100 * MS, SECOND);
        assertThat(latency.value(SECOND)).isEqualTo(100.0 * MS);

        assertThat(latency.value(11 * SECOND)).isCloseTo(100 * MS / Math.E, within(1.0 * MS));
    }

    @Test
    void peakEwma_afterAStall_comesBackWithinAFewCalls() {
        PeakEwma latency = new PeakEwma();
        latency.record(1_000 * MS, 0);
        for (int i = 1; i <= 6; i++) {
            latency.record(10 * MS, i * 10L * MS);
        }
        assertThat(latency.value(60 * MS)).isLessThan(50.0 * MS);
    }

    @Test
    void failureWindow_halfOfManyCallsFail_isSickUntilTheyAreOld() {
        FailureWindow window = new FailureWindow(10 * SECOND);
        for (int i = 0; i < 20; i++) {
            assertThat(window.sick(i * MS)).isFalse();
            window.record(i % 2 == 0, i * MS);
        }
        assertThat(window.sick(20 * MS)).isTrue();
        assertThat(window.sick(11 * SECOND)).isFalse();
    }

    @Test
    void retryBudget_outage_boundsRetriesToAShareOfCalls() {
        RetryBudget budget = new RetryBudget();
        int retries = 0;
        for (int i = 0; i < 1_000; i++) {
            budget.call(i * MS);
            retries += budget.retry(i * MS) ? 1 : 0;
        }
        assertThat(retries).isBetween(200, 220);
    }

    @Test
    void blame_shortBudgetOfACaller_isNotTheInstancesFault() {
        ServiceTime expected = new ServiceTime(20 * MS, MS, 1, true);

        assertThat(Blame.timeout(5 * MS, 600 * SECOND, 1, expected)).isFalse();
        assertThat(Blame.timeout(2 * SECOND, 600 * SECOND, 1, expected)).isTrue();
        assertThat(Blame.timeout(2 * SECOND, 600 * SECOND, 1, null)).isFalse();
        assertThat(Blame.timeout(SECOND, SECOND, 1, null)).isTrue();
    }

    @Test
    void queueEstimate_countsWholeCallsBefore() {
        ServiceTime expected = new ServiceTime(20 * MS, MS, 1, true);

        assertThat(QueueEstimate.itemNanos(0, 32, 1, expected)).isEqualTo(21 * MS);
        assertThat(QueueEstimate.itemNanos(64, 32, 1, expected)).isEqualTo(2 * 52 * MS + 21 * MS);
        assertThat(QueueEstimate.itemNanos(64, 32, 2, expected)).isEqualTo(52 * MS + 21 * MS);
        assertThat(QueueEstimate.itemNanos(64, 32, 1, null)).isZero();
        assertThat(QueueEstimate.leaseNanos(9, 4, 100)).isEqualTo(200);
    }
}
