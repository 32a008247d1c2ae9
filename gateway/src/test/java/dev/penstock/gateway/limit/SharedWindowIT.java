package dev.penstock.gateway.limit;

import static dev.penstock.gateway.limit.RateSimulation.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.LimitClassConfig;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.ServiceHarness;
import dev.penstock.testkit.TestServers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A window that three gateways share on a real Redis, in simulated time, with Redis and cut off from it. */
class SharedWindowIT {
    private static final int GATEWAYS = 3;
    private static final long MINUTE = 60 * SECOND;

    @TempDir
    static Path folder;

    private static ServiceHarness harness;

    @BeforeAll
    static void start() {
        harness = ServiceHarness.with("", folder, TestServers.freshRedis(), "");
        Await.until("Redis is there", () -> harness.context().redis().available());
    }

    @AfterAll
    static void stop() {
        harness.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 100, 599, 600, 3_000, 12_000})
    void noMinuteHoldsMoreThanTheLimitAndAllOfItIsUsed(int limit) {
        RateSimulation simulation = simulation(limit);
        double each = limit / 60.0;
        simulation.offer(0, 2 * each, 4 * MINUTE);
        simulation.offer(1, 2 * each, 4 * MINUTE);
        simulation.offer(2, each / 4, 4 * MINUTE);
        simulation.run(4 * MINUTE);
        assertThat(simulation.mostIn(MINUTE)).isEqualTo(limit);
        assertThat(simulation.admitted(0, MINUTE)).isEqualTo(limit);
    }

    @Test
    void aCutAfterUnevenTrafficStaysInTheBound() {
        int limit = 300;
        RateSimulation simulation = simulation(limit);
        simulation.offer(0, 50, 5 * MINUTE);
        simulation.run(20 * SECOND);
        assertThat(simulation.admitted(0, 20 * SECOND)).as("one had all of it").isEqualTo(limit);
        simulation.kill(20 * SECOND);
        simulation.offer(1, 50, 5 * MINUTE);
        simulation.offer(2, 50, 5 * MINUTE);
        simulation.run(50 * SECOND);
        assertThat(simulation.admitted(0, 50 * SECOND)).isEqualTo(2 * limit - limit / GATEWAYS);

        simulation.revive(50 * SECOND);
        simulation.run(5 * MINUTE);
        assertThat(simulation.mostIn(MINUTE)).isEqualTo(2 * limit - limit / GATEWAYS);
        assertThat(simulation.admitted(50 * SECOND, 60 * SECOND))
                .as("Redis was told what they admitted alone")
                .isZero();
        assertThat(simulation.mostIn(MINUTE, 85 * SECOND)).as("exact again").isEqualTo(limit);
    }

    @Test
    void aCutUnderEvenTrafficAdmitsHardlyMoreThanTheLimit() {
        int limit = 300;
        RateSimulation simulation = simulation(limit);
        for (int i = 0; i < GATEWAYS; i++) {
            simulation.offer(i, 3, 4 * MINUTE);
        }
        simulation.kill(15 * SECOND);
        simulation.run(4 * MINUTE);
        // What chance brought one of them more than its third, the others do not know.
        assertThat(simulation.mostIn(MINUTE)).isLessThanOrEqualTo(limit + limit / 10);
        assertThat(simulation.mostIn(MINUTE, 80 * SECOND)).isLessThanOrEqualTo(limit);
    }

    private RateSimulation simulation(int perMinute) {
        return new RateSimulation(
                harness.context().redis(), 11, GATEWAYS, LimitClassConfig.requests("ai", perMinute, 0, 0));
    }
}
