package dev.penstock.monitor;

import dev.penstock.common.contract.MonitorContract;
import dev.penstock.common.contract.SecurityContract;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.Service;
import dev.penstock.common.service.ServiceContext;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Serves {@link MonitorContract}. Every monitor hears all samples and can answer; the owner of the name
 * {@value #EVALUATOR} alone writes to Redis, judges objectives and tells the alert service.
 */
public final class MonitorService implements Service {
    static final String EVALUATOR = "monitor";

    private @Nullable ServiceContext context;
    private @Nullable String deployment;

    @Override
    public Role role() {
        return Role.MONITOR;
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
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> stop() {
        return context == null || deployment == null
                ? Future.succeededFuture()
                : context.vertx().undeploy(deployment);
    }

    /** One event loop, so that the window needs no lock. */
    private static final class Shell extends VerticleBase {
        private final ServiceContext services;

        Shell(ServiceContext services) {
            this.services = services;
        }

        @Override
        public Future<?> start() {
            Observatory observatory = new Observatory(services);
            SecurityWatch security = new SecurityWatch(services);
            return Future.all(List.of(
                            services.bus().subscribe(MonitorContract.SAMPLES, observatory::take),
                            services.bus().subscribe(SecurityContract.EVENTS, security::heard),
                            services.bus().serve(MonitorContract.METRICS, observatory::metrics),
                            services.bus().serve(MonitorContract.HEALTH, observatory::health),
                            services.bus().serve(MonitorContract.HISTORY, observatory::history)))
                    .onSuccess(registered -> {
                        observatory.open();
                        security.open();
                        services.live()
                                .register((before, next) ->
                                        () -> context.runOnContext(v -> observatory.follow(next.slo())));
                        services.membership().announce(Role.MONITOR);
                    });
        }
    }
}
