package dev.penstock.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cache.policy.FlightTable;
import dev.penstock.cache.policy.FlightTable.Leader;
import dev.penstock.common.contract.CacheContract.CacheKey;
import dev.penstock.common.contract.CacheContract.CacheType;
import dev.penstock.common.telemetry.MicrometerTelemetry;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FlightsTest {
    private final AtomicLong now = new AtomicLong();

    @Test
    void aLeaderThatIsNotInTheClusterCountsAsFailedWhenItIsMissedTwice() {
        Vertx vertx = Vertx.vertx();
        try (var telemetry = new MicrometerTelemetry()) {
            var flights = new Flights(new Loop(vertx.getOrCreateContext()), now::get, () -> 0, telemetry, 1);
            open(flights);

            flights.missing(member -> false);
            assertThat(flights.open())
                    .as("it may be so new that nobody has seen it")
                    .isEqualTo(1);
            flights.missing(member -> true);
            flights.missing(member -> false);
            assertThat(flights.open()).isEqualTo(1);
            flights.missing(member -> false);

            assertThat(flights.open()).isZero();
        } finally {
            vertx.close();
        }
    }

    @Test
    void whoMayHaveGivenUpWhileThisMemberStoodStillIsNotMadeALeaderThatOthersWaitFor() {
        Vertx vertx = Vertx.vertx();
        try (var telemetry = new MicrometerTelemetry()) {
            var flights = new Flights(new Loop(vertx.getOrCreateContext()), now::get, () -> 0, telemetry, 1);
            flights.expire();
            assertThat(open(flights)).isNotEqualTo(FlightTable.UNTRACKED);

            now.addAndGet(Duration.ofSeconds(3).toNanos());

            assertThat(open(flights)).isEqualTo(FlightTable.UNTRACKED);
            assertThat(flights.open()).isEqualTo(1);
        } finally {
            vertx.close();
        }
    }

    private long open(Flights flights) {
        CacheKey key = new CacheKey("acme", CacheType.EMBEDDING, now.get(), 1);
        return flights.open(key, new Leader("gateway", Long.MAX_VALUE / 2), true);
    }
}
