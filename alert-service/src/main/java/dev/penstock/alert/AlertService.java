package dev.penstock.alert;

import dev.penstock.alert.policy.AlertBook;
import dev.penstock.alert.policy.AlertMachine;
import dev.penstock.alert.store.AlertSpool;
import dev.penstock.alert.store.DurableAlerts;
import dev.penstock.alert.store.PostgresAlerts;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.contract.AlertContract;
import dev.penstock.common.contract.MonitorContract.Check;
import dev.penstock.common.contract.MonitorContract.Status;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.Service;
import dev.penstock.common.service.ServiceContext;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Serves {@link AlertContract}. One member of the cluster, the owner of the name {@value #SEQUENCER}, takes conditions
 * and numbers the events; the others forward to it, follow its events, and take over when it goes.
 */
public final class AlertService implements Service {
    static final String SEQUENCER = "alerts";

    private @Nullable ServiceContext context;
    private @Nullable AlertDesk desk;
    private @Nullable String deployment;

    @Override
    public Role role() {
        return Role.ALERT;
    }

    @Override
    public Future<Void> start(ServiceContext context) {
        this.context = context;
        return context.vertx()
                .deployVerticle(new Shell(context))
                .onSuccess(id -> deployment = id)
                .mapEmpty();
    }

    @Override
    public Future<Void> drain() {
        return desk == null ? Future.succeededFuture() : desk.idle();
    }

    @Override
    public Future<Void> stop() {
        return context == null || deployment == null
                ? Future.succeededFuture()
                : context.vertx().undeploy(deployment);
    }

    /** One event loop, so that the book needs no lock. */
    private final class Shell extends VerticleBase {
        private final ServiceContext services;

        Shell(ServiceContext services) {
            this.services = services;
        }

        @Override
        public Future<?> start() {
            var book = new AlertBook(machine(services.config()), 100_000, 50_000);
            services.live().register((before, next) -> () -> context.runOnContext(v -> book.machine(machine(next))));
            var durable = new DurableAlerts(
                    services.vertx(), new PostgresAlerts(services.postgres()), new AlertSpool(services.dataFolder()));
            AlertDesk opened = new AlertDesk(services, book, durable);
            desk = opened;
            services.health().register(() -> health(durable));
            return Future.all(List.of(
                            services.bus().serve(AlertContract.OBSERVE, opened::observe),
                            services.bus().serve(AlertContract.ACKNOWLEDGE, opened::acknowledge),
                            services.bus().serve(AlertContract.OBSERVE_HERE, opened::observeHere),
                            services.bus().serve(AlertContract.ACKNOWLEDGE_HERE, opened::acknowledgeHere),
                            services.bus().serve(AlertContract.LIST, opened::list),
                            services.bus().serve(AlertContract.EVENTS_SINCE, opened::eventsSince),
                            services.bus().subscribe(AlertContract.EVENTS, opened::heard)))
                    .compose(registered -> opened.open())
                    .onSuccess(opened_ -> services.membership().announce(Role.ALERT));
        }

        @Override
        public Future<?> stop() {
            return desk == null ? Future.succeededFuture() : desk.idle();
        }

        private static AlertMachine machine(PenstockConfig config) {
            return new AlertMachine(
                    config.alerts().keepFiring(), config.alerts().staleAfter());
        }

        private static Check health(DurableAlerts durable) {
            return durable.spooled() || !durable.postgresAvailable()
                    ? new Check("alerts", Status.DEGRADED, "Postgres is away: alerts are kept in the local spool")
                    : new Check("alerts", Status.HEALTHY, null);
        }
    }
}
