package dev.penstock.gateway.limit;

import static dev.penstock.gateway.limit.RateSimulation.MILLI;
import static dev.penstock.gateway.limit.RateSimulation.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.LimitClassConfig;
import dev.penstock.common.config.LimitScope;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.ServiceHarness;
import dev.penstock.testkit.TestServers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A rate that three gateways share on a real Redis, in simulated time: as good as one count that saw every call. */
class SharedRateIT {
    private static final int GATEWAYS = 3;
    private static final int LIMIT = 1_000;
    private static final int SECONDS = 30;
    private static final long END = SECONDS * SECOND;
    /** The burst, and what the gateways may hold beside it. */
    private static final double MOST_AT_ONCE = LIMIT / 10.0 + LIMIT / 10.0;

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
    @CsvSource({
        // load, first gateway's part of it, longest pause in ms
        "3.0, 0.333, 0",
        "3.0, 0.333, 60",
        "3.0, 0.333, 150",
        "3.0, 0.8, 0",
        "1.5, 0.333, 0",
        "1.0, 0.333, 60",
        "0.95, 0.333, 0",
        "0.95, 0.8, 60",
        "0.8, 0.333, 0",
    })
    void theyAdmitWhatOneExactCountWouldAdmitWithFewTrips(double load, double first, long pauseMillis) {
        RateSimulation simulation = simulation(load, first);
        if (pauseMillis > 0) {
            simulation.pauses(SECOND / 2, pauseMillis * MILLI, END);
        }
        simulation.run(END);
        long admitted = simulation.admitted(0, END);
        double exact = simulation.idealAdmitted();
        assertThat(admitted / exact).as("of what is possible").isBetween(0.99, 1.01);
        assertThat(simulation.trips() / (double) admitted).as("trips").isLessThanOrEqualTo(0.06);
        assertThat(simulation.excess(LIMIT)).as("at once").isLessThanOrEqualTo(MOST_AT_ONCE);
        if (load > 1.4) {
            assertThat(admitted / (double) (LIMIT * SECONDS)).isBetween(0.99, 1.01);
        }
    }

    @Test
    void withoutRedisTheirSharesAreTheLimit() {
        RateSimulation simulation = simulation(3, 1.0 / 3);
        simulation.kill(END / 2);
        simulation.run(END);
        assertThat(simulation.admitted(0, END) / (double) (LIMIT * SECONDS)).isBetween(0.99, 1.01);
        assertThat(simulation.admitted(END / 2 + SECOND, END) / (double) (LIMIT * (SECONDS / 2 - 1)))
                .as("after the second of the kill")
                .isBetween(0.99, 1.01);
        assertThat(simulation.excess(LIMIT)).isLessThanOrEqualTo(MOST_AT_ONCE);
    }

    @Test
    void aRedisThatGoesAndComesCostsNothing() {
        RateSimulation simulation = simulation(3, 1.0 / 3);
        simulation.kill(END / 3);
        simulation.revive(END / 3 * 2);
        simulation.run(END);
        assertThat(simulation.admitted(0, END) / (double) (LIMIT * SECONDS)).isBetween(0.99, 1.015);
    }

    @Test
    void whileAllStandStillAtOnceNobodyCountsForThem() {
        RateSimulation simulation = simulation(3, 1.0 / 3);
        simulation.pauses(SECOND / 2, 400 * MILLI, END);
        simulation.run(END);
        assertThat(simulation.admitted(0, END) / (double) (LIMIT * SECONDS))
                .as("less, since a burst is a tenth of a second, but never more")
                .isBetween(0.85, 1.01);
    }

    private RateSimulation simulation(double load, double first) {
        RateSimulation simulation = new RateSimulation(
                harness.context().redis(),
                7,
                GATEWAYS,
                new LimitClassConfig("ai", LimitScope.KEY, LIMIT, 0, 0, 0, 0, 0, 0, 0, 0));
        simulation.offer(0, load * LIMIT * first, END);
        for (int i = 1; i < GATEWAYS; i++) {
            simulation.offer(i, load * LIMIT * (1 - first) / (GATEWAYS - 1), END);
        }
        return simulation;
    }
}
