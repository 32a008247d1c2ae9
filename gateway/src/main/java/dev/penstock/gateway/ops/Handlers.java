package dev.penstock.gateway.ops;

import dev.penstock.common.pool.Pools;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.aggregate.Aggregation;
import dev.penstock.gateway.audit.Audit;
import dev.penstock.gateway.audit.AuditReader;
import dev.penstock.gateway.auth.Auth;
import dev.penstock.gateway.guard.Blocks;
import dev.penstock.gateway.money.MoneyParts;
import dev.penstock.gateway.privacy.Privacy;
import io.vertx.core.Future;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Map;

/** Who does which operation. */
final class Handlers {
    /** Dashboards per key; each is one page of one person. */
    private static final int MONITOR_STREAMS = 50;

    private final ServiceContext context;
    private final Auth auth;
    private final NearCacheFigures nearCache;
    private final Audit audit;
    private final AuditReader trail;
    private final MoneyParts money;
    private final Pools pools;
    private final AlertHub alerts;
    private final MonitorHub monitor;
    private final AlertOperations alertOperations;
    private final MonitorOperations monitorOperations;
    private volatile Bundle bundle = Bundle.EMPTY;
    private final Blocks blocks;
    private volatile Bundle docs = Bundle.EMPTY;

    Handlers(
            ServiceContext context,
            Auth auth,
            Audit audit,
            MoneyParts money,
            Pools pools,
            NearCacheFigures nearCache,
            AuditReader trail,
            Blocks blocks) {
        this.context = context;
        this.auth = auth;
        this.nearCache = nearCache;
        this.audit = audit;
        this.trail = trail;
        this.money = money;
        this.pools = pools;
        this.blocks = blocks;
        this.alerts = new AlertHub(context, auth::live);
        this.monitor = new MonitorHub(context, auth::live, Clock.systemUTC());
        this.alertOperations = new AlertOperations(
                context,
                alerts,
                new SocketQuota("alerts", () -> context.config().alerts().socketsPerKey(), context.telemetry()));
        this.monitorOperations =
                new MonitorOperations(monitor, new SocketQuota("monitor", () -> MONITOR_STREAMS, context.telemetry()));
    }

    Future<Void> start() {
        return context.vertx().executeBlocking(this::read, false).compose(done -> {
            return Future.all(alerts.start(), monitor.start()).mapEmpty();
        });
    }

    private boolean read() {
        bundle = Bundle.load(Handlers.class.getClassLoader());
        docs = DocsOperations.load();
        return true;
    }

    Future<Void> stop() {
        alerts.stop();
        monitor.stop();
        return Future.succeededFuture();
    }

    /** @param aggregation of the event loop that the handlers are for */
    Map<Operations, OperationHandler> all(Aggregation aggregation) {
        Map<Operations, OperationHandler> handlers = new EnumMap<>(Operations.class);
        new HealthOperations(context).register(handlers);
        new CacheOperations(context, nearCache, audit).register(handlers);
        new BatchingOperations(context).register(handlers);
        new RegistryOperations(pools, audit).register(handlers);
        new AggregateOperations(aggregation, context.ticker()).register(handlers);
        new SessionOperations(auth).register(handlers);
        new LoginOperations(auth).register(handlers);
        new KeyOperations(auth).register(handlers);
        new CostOperations(money, Clock.systemUTC()).register(handlers);
        new BudgetOperations(money, audit).register(handlers);
        new BlockOperations(blocks).register(handlers);
        new ConfigOperations(context, audit).register(handlers);
        new AuditOperations(trail).register(handlers);
        new PrivacyOperations(new Privacy(context, auth, audit, trail, money::flush)).register(handlers);
        new UserOperations(auth).register(handlers);
        new DashboardOperations(() -> bundle).register(handlers);
        new DocsOperations(() -> docs).register(handlers);
        alertOperations.register(handlers);
        monitorOperations.register(handlers);
        return handlers;
    }
}
