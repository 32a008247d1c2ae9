package dev.penstock.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.common.config.InstanceConfig;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.contract.BatchContract.CallEnd;
import dev.penstock.common.contract.BatchContract.Lease;
import dev.penstock.common.contract.BatchContract.Leased;
import dev.penstock.common.contract.BatchContract.Release;
import dev.penstock.common.contract.Operation;
import dev.penstock.common.contract.Priority;
import dev.penstock.common.contract.Usage;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.telemetry.MicrometerTelemetry;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.unit.Secret;
import dev.penstock.common.upstream.UpstreamClient;
import dev.penstock.testkit.Await;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeaseDeskTest {
    private final Vertx vertx = Vertx.vertx();
    private final MicrometerTelemetry telemetry = new MicrometerTelemetry();
    private final ModelConfig model = new ModelConfig(
            "m",
            List.of(Operation.CHAT),
            "test",
            List.of(new InstanceConfig("only", "http://127.0.0.1:1/v1", new Secret(""), "", 1, 1)),
            Duration.ofSeconds(1),
            null,
            "");
    private final PoolRuntime runtime = new PoolRuntime(
            vertx,
            vertx.getOrCreateContext(),
            Ticker.system(),
            new UpstreamClient(vertx, Duration.ofSeconds(1)),
            BatchingHarness.quick());
    private final Fleet fleet = new Fleet(model, runtime, new PoolMetrics(telemetry, model), () -> {});
    private final LeaseDesk desk = new LeaseDesk("m", runtime, fleet, 0, () -> {});

    @AfterEach
    void close() {
        Await.result(vertx.close());
        telemetry.close();
    }

    @Test
    void aSlotIsNotGrantedToWhoHasStoppedWaiting() {
        Leased held = Await.result(desk.lease(wish("first"), 0, 1_000_000));
        Future<Leased> late = desk.lease(wish("late"), 0, 100);
        Future<Leased> patient = desk.lease(wish("patient"), 0, 1_000_000);

        desk.release(new Release("m", held.lease(), "only", CallEnd.SUCCESS, 1, 1, 0, Usage.NONE), 150);
        while (desk.grantOne(150)) {
            assertThat(desk.waiting()).isLessThan(2);
        }

        assertThat(late.cause())
                .isInstanceOfSatisfying(Fault.class, f -> assertThat(f.code()).isEqualTo(FaultCode.TIMEOUT));
        assertThat(patient.succeeded()).isTrue();
        assertThat(fleet.inFlight()).isEqualTo(1);
    }

    private static Lease wish(String submission) {
        return new Lease("m", Operation.CHAT, "tenant", Priority.NORMAL, List.of(), "gateway", submission);
    }
}
