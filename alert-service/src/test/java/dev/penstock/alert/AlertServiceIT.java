package dev.penstock.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.alert.policy.Conditions;
import dev.penstock.alert.store.PostgresAlerts;
import dev.penstock.common.cluster.Membership;
import dev.penstock.common.contract.AlertContract;
import dev.penstock.common.contract.AlertContract.Acknowledge;
import dev.penstock.common.contract.AlertContract.Alert;
import dev.penstock.common.contract.AlertContract.Event;
import dev.penstock.common.contract.AlertContract.EventKind;
import dev.penstock.common.contract.AlertContract.ReadAlerts;
import dev.penstock.common.contract.AlertContract.ReadEvents;
import dev.penstock.common.contract.AlertContract.State;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.FaultProxy;
import dev.penstock.testkit.ServiceHarness;
import dev.penstock.testkit.TestServers;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertServiceIT {
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final String QUICK = "alerts: {keep-firing: 0ms}";

    @TempDir
    Path folder;

    @Test
    void aConditionIsToldWithDenseIdsUntilItIsResolved() {
        try (var harness = harness(TestServers.freshDatabase().url())) {
            List<Event> told = new CopyOnWriteArrayList<>();
            ServiceHarness.get(harness.bus().subscribe(AlertContract.EVENTS, told::add));

            observe(harness, "a", true);
            observe(harness, "b", true);
            observe(harness, "a", false);

            Await.until("three events", SOON, () -> told.size() == 3);
            assertThat(told).extracting(Event::id).containsExactly(1L, 2L, 3L);
            assertThat(told)
                    .extracting(Event::kind)
                    .containsExactly(EventKind.FIRING, EventKind.FIRING, EventKind.RESOLVED);
            assertThat(alerts(harness)).extracting(Alert::name).containsExactly("b");
        }
    }

    @Test
    void aFiringAlertIsStillFiringAfterARestartAndIdsGoOn() {
        String postgres = TestServers.freshDatabase().url();
        String id;
        try (var harness = harness(postgres)) {
            observe(harness, "a", true);
            id = alerts(harness).getFirst().id();
        }
        try (var harness = harness(postgres)) {
            Await.until("the alert is back", SOON, () -> !alerts(harness).isEmpty());
            assertThat(alerts(harness).getFirst().id()).isEqualTo(id);
            assertThat(alerts(harness).getFirst().state()).isEqualTo(State.FIRING);

            observe(harness, "b", true);

            var since = ServiceHarness.get(
                    harness.bus().callAny(AlertContract.EVENTS_SINCE, new ReadEvents(1, 10), harness.call()));
            assertThat(since.complete()).isTrue();
            assertThat(since.events()).extracting(Event::id).containsExactly(2L);
        }
    }

    @Test
    void withoutPostgresAlertsAreSpooledAndSurviveARestart() {
        try (var harness = harness("")) {
            observe(harness, "a", true);
        }
        try (var harness = harness("")) {
            assertThat(alerts(harness)).extracting(Alert::name).containsExactly("a");
        }
    }

    @Test
    void whatWasSpooledReachesPostgresOnceWhenItIsBack() {
        var vertx = Vertx.vertx();
        URI server = URI.create(TestServers.freshDatabase().url());
        var proxy = ServiceHarness.get(FaultProxy.start(vertx, server.getHost(), server.getPort()));
        String postgres = server.toString().replace(":" + server.getPort() + "/", ":" + proxy.port() + "/");
        try (var harness = harness(postgres)) {
            observe(harness, "before", true);
            ServiceHarness.get(proxy.set(dev.penstock.testkit.Fault.CUT));
            Await.until(
                    "Postgres is away",
                    SOON,
                    () -> !harness.context().postgres().available());
            observe(harness, "during", true);
            assertThat(alerts(harness)).hasSize(2);

            ServiceHarness.get(proxy.set(dev.penstock.testkit.Fault.PASS));
            Await.until("the spool is empty", SOON, () -> !java.nio.file.Files.exists(folder.resolve("alerts.spool")));
            observe(harness, "after", true);
        }
        Path otherFolder = folder.resolve("other");
        assertThat(otherFolder.toFile().mkdir()).isTrue();
        try (var other =
                ServiceHarness.with(QUICK, otherFolder, "", server.toString()).start(new AlertService())) {
            Await.until("all are read back", SOON, () -> alerts(other).size() == 3);
            var events = ServiceHarness.get(
                    other.bus().callAny(AlertContract.EVENTS_SINCE, new ReadEvents(0, 10), other.call()));
            assertThat(events.events()).extracting(Event::id).containsExactly(1L, 2L, 3L);
        }
        ServiceHarness.get(proxy.close());
        ServiceHarness.get(vertx.close());
    }

    @Test
    void onlyAnOpenAlertCanBeAcknowledged() {
        try (var harness = harness("")) {
            observe(harness, "a", true);
            String id = alerts(harness).getFirst().id();

            var reply = ServiceHarness.get(
                    harness.bus().callAny(AlertContract.ACKNOWLEDGE, new Acknowledge(id, "kim"), harness.call()));

            assertThat(reply.alert().acknowledgedBy()).isEqualTo("kim");
            assertThatThrownBy(() -> ServiceHarness.get(harness.bus()
                            .callAny(AlertContract.ACKNOWLEDGE, new Acknowledge("nothing", "kim"), harness.call())))
                    .isInstanceOfSatisfying(
                            Fault.class, f -> assertThat(f.code()).isEqualTo(FaultCode.NOT_FOUND));
        }
    }

    @Test
    void resolvedAlertsThatNobodyReadsAnyMoreAreDeleted() {
        try (var harness = harness(TestServers.freshDatabase().url())) {
            for (String name : List.of("a", "b", "c", "open")) {
                observe(harness, name, true);
                observe(harness, name, name.equals("open"));
            }
            Await.until("three are resolved", SOON, () -> alerts(harness).size() == 1);
            var stored = new PostgresAlerts(harness.context().postgres());

            ServiceHarness.get(stored.purge(Instant.now().plusSeconds(60), 2));

            assertThat(ServiceHarness.get(stored.alerts(10)))
                    .extracting(tracked -> tracked.alert().name())
                    .containsExactlyInAnyOrder("open", "b", "c");
            assertThat(ServiceHarness.get(stored.events(10))).hasSize(1);
        }
    }

    @Test
    void whoDoesNotOwnTheAlertsRefusesWhatWasForwardedToItAlready() {
        try (var harness = ServiceHarness.bare(QUICK, folder)) {
            ServiceContext c = harness.context();
            var service = new AlertService();
            ServiceHarness.get(service.start(new ServiceContext(
                    c.vertx(),
                    c.bus(),
                    new OtherOwner(),
                    c.live(),
                    c.redis(),
                    c.postgres(),
                    c.telemetry(),
                    c.health(),
                    c.ticker(),
                    c.dataFolder())));

            assertThatThrownBy(() -> ServiceHarness.get(harness.bus()
                            .call(
                                    AlertContract.OBSERVE_HERE,
                                    c.membership().self(),
                                    Conditions.of("a", true, Duration.ZERO),
                                    harness.call())))
                    .isInstanceOfSatisfying(
                            Fault.class, f -> assertThat(f.code()).isEqualTo(FaultCode.UNAVAILABLE));
            ServiceHarness.get(service.stop());
        }
    }

    /** A member that believes another one to be the owner. */
    private static final class OtherOwner implements Membership {
        @Override
        public String self() {
            return "standalone";
        }

        @Override
        public List<String> live(Role role) {
            return List.of("other");
        }

        @Override
        public void announce(Role role) {}

        @Override
        public void withdraw() {}

        @Override
        public void onLeave(Consumer<Set<String>> listener) {}

        @Override
        public void onChange(Runnable listener) {}
    }

    private ServiceHarness harness(String postgresUrl) {
        var harness = ServiceHarness.with(QUICK, folder, "", postgresUrl);
        if (!postgresUrl.isEmpty()) {
            Await.until(
                    "Postgres is there",
                    SOON,
                    () -> harness.context().postgres().available());
        }
        return harness.start(new AlertService());
    }

    private static void observe(ServiceHarness harness, String name, boolean active) {
        ServiceHarness.get(harness.bus()
                .callAny(AlertContract.OBSERVE, Conditions.of(name, active, Duration.ZERO), harness.call()));
    }

    private static List<Alert> alerts(ServiceHarness harness) {
        return ServiceHarness.get(harness.bus().callAny(AlertContract.LIST, new ReadAlerts(true, 10), harness.call()))
                .alerts();
    }
}
