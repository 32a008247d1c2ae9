package dev.penstock.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StandstillTest {
    @Test
    void onlyAPauseThatGetsAMemberExpelledEndsIt() {
        assertThat(Standstill.expelled(Duration.ofSeconds(5).toNanos())).isFalse();
        assertThat(Standstill.expelled(Duration.ofMillis(5_001).toNanos())).isTrue();
    }

    @Test
    void aJumpOfTheClockIsTold() throws Exception {
        AtomicLong clock = new AtomicLong();
        CompletableFuture<Long> told = new CompletableFuture<>();
        Standstill.watch(() -> clock.addAndGet(told.isDone() ? 0 : 6_000_000_000L), told::complete);

        assertThat(told.get(5, TimeUnit.SECONDS)).isEqualTo(6_000_000_000L);
    }
}
