package dev.penstock.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.contract.Ack;
import dev.penstock.common.contract.AlertContract;
import dev.penstock.common.contract.AlertContract.Condition;
import dev.penstock.common.contract.MonitorContract;
import dev.penstock.common.contract.MonitorContract.Count;
import dev.penstock.common.contract.MonitorContract.Live;
import dev.penstock.common.contract.MonitorContract.Metrics;
import dev.penstock.common.contract.MonitorContract.ProcessHealth;
import dev.penstock.common.contract.MonitorContract.ReadHealth;
import dev.penstock.common.contract.MonitorContract.ReadMetrics;
import dev.penstock.common.contract.MonitorContract.Samples;
import dev.penstock.common.contract.MonitorContract.Series;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.service.Role;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.ServiceHarness;
import dev.penstock.testkit.TestServers;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MonitorServiceIT {
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final int WIDTH = 500;
    private static final String YAML = "telemetry: {slot: 500ms}\nslo: {short-window: 1s, long-window: 2s}";

    @TempDir
    Path folder;

    private long sequence;

    @Test
    void failingRequestsRaiseAConditionAndHealthyOnesClearIt() {
        try (var harness = ServiceHarness.bare(YAML, folder)) {
            List<Condition> conditions = new CopyOnWriteArrayList<>();
            ServiceHarness.get(harness.bus().serve(AlertContract.OBSERVE, (condition, call) -> {
                conditions.add(condition);
                return Future.succeededFuture(Ack.OK);
            }));
            harness.context().membership().announce(Role.ALERT);
            harness.start(new MonitorService());

            Await.until("a breach", SOON, () -> {
                publish(harness, "5xx");
                return conditions.stream().anyMatch(Condition::active);
            });
            Await.until("its end", SOON, () -> {
                publish(harness, "2xx");
                return !conditions.getLast().active();
            });
            assertThat(conditions.getLast().remediation()).contains("/api/performance/metrics");
        }
    }

    @Test
    void metricsAreServedAndEveryServiceIsNamedInHealth() {
        try (var harness = ServiceHarness.bare(YAML, folder).start(new MonitorService())) {
            List<Live> live = new CopyOnWriteArrayList<>();
            ServiceHarness.get(harness.bus().subscribe(MonitorContract.LIVE, live::add));

            Await.until("requests are counted", SOON, () -> {
                publish(harness, "2xx");
                return metrics(harness).total().requests() > 0;
            });

            assertThat(metrics(harness).total().errors()).isZero();
            var health =
                    ServiceHarness.get(harness.bus().callAny(MonitorContract.HEALTH, new ReadHealth(), harness.call()));
            assertThat(health.services())
                    .extracting(s -> s.service())
                    .contains("gateway", "cache", "batching", "monitor", "alert");
            assertThat(health.status()).isEqualTo(Status.UNHEALTHY); // nobody answers requests here
            Await.until("the live picture is published", SOON, () -> !live.isEmpty());
        }
    }

    @Test
    void aRestartedMonitorReadsItsSlotsBackFromRedis() {
        String redis = TestServers.freshRedis();
        long counted;
        try (var harness = harness(redis)) {
            Await.until("slots are in Redis", SOON, () -> {
                publish(harness, "2xx");
                return keys(harness) > 3;
            });
            counted = metrics(harness).total().requests();
        }
        try (var harness = harness(redis)) {
            Await.until(
                    "slots are read back", SOON, () -> metrics(harness).total().requests() > 0);
        }
        assertThat(counted).isPositive();
    }

    private ServiceHarness harness(String redis) {
        var harness = ServiceHarness.with(YAML, folder, redis, "");
        Await.until("Redis is there", SOON, () -> harness.context().redis().available());
        return harness.start(new MonitorService());
    }

    private static long keys(ServiceHarness harness) {
        return ServiceHarness.get(harness.context().redis().send(io.vertx.redis.client.Command.DBSIZE))
                .toLong();
    }

    private static Metrics metrics(ServiceHarness harness) {
        return ServiceHarness.get(harness.bus()
                .callAny(MonitorContract.METRICS, new ReadMetrics(Duration.ofSeconds(60)), harness.call()));
    }

    /** Forty requests of the newest complete slot. */
    private void publish(ServiceHarness harness, String statusClass) {
        long now = System.currentTimeMillis();
        List<Count> counts = new ArrayList<>();
        counts.add(new Count(
                new Series(
                        "penstock_http_requests_total",
                        Map.of("route", "/v1/embeddings", "status_class", statusClass, "class", "analysis")),
                40));
        harness.bus()
                .publish(
                        MonitorContract.SAMPLES,
                        new Samples(
                                "standalone",
                                "standalone",
                                ++sequence,
                                now - Math.floorMod(now, WIDTH) - WIDTH,
                                WIDTH,
                                counts,
                                List.of(),
                                List.of(),
                                new ProcessHealth(Status.HEALTHY, List.of(), "")),
                        harness.call());
    }
}
