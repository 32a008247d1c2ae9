package dev.penstock.standalone;

import dev.penstock.alert.AlertService;
import dev.penstock.batching.BatchingService;
import dev.penstock.cache.CacheService;
import dev.penstock.common.config.ServerConfig;
import dev.penstock.common.health.BindFailure;
import dev.penstock.common.lifecycle.Cleanups;
import dev.penstock.common.lifecycle.StartException;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.Service;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.GatewayService;
import dev.penstock.monitor.MonitorService;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Which services, in which order. Each starts after those it calls and stops before them, so that the gateway opens last
 * and what it has accepted can be finished.
 */
final class Topology {
    private static final List<Role> START_ORDER =
            List.of(Role.ALERT, Role.MONITOR, Role.BATCHING, Role.CACHE, Role.GATEWAY);
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(10);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

    private Topology() {}

    /**
     * Starts the services one after the other and leaves their ends in {@code cleanups}. Blocks.
     *
     * @return the port that the gateway listens on; empty where none was started
     */
    static OptionalInt start(Set<Role> roles, ServiceContext context, Cleanups cleanups) {
        OptionalInt port = OptionalInt.empty();
        for (Role role : START_ORDER) {
            if (roles.contains(role)) {
                Service service = service(role);
                start(service, context, cleanups);
                if (service instanceof GatewayService gateway) {
                    port = OptionalInt.of(gateway.port());
                }
            }
        }
        return port;
    }

    private static void start(Service service, ServiceContext context, Cleanups cleanups) {
        String name = service.role().label();
        ServerConfig server = context.config().server();
        cleanups.add("stop " + name, STOP_LIMIT, service::stop);
        // What the gateway has accepted may take its whole drain time; the others are idle by then.
        Duration drain = service.role() == Role.GATEWAY ? server.drain().plus(STOP_LIMIT) : DRAIN_LIMIT;
        cleanups.add("drain " + name, drain, service::drain);
        try {
            Blocking.await(
                    service.start(context)
                            .timeout(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                            .recover(cause -> Future.failedFuture(explain(service.role(), server, cause))),
                    START_LIMIT.plusSeconds(1),
                    "Starting " + name);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new StartException("The " + name + " service cannot start (" + e.getMessage() + ").", e);
        }
    }

    private static Throwable explain(Role role, ServerConfig server, Throwable cause) {
        if (cause instanceof StartException) {
            return cause;
        }
        if (role == Role.GATEWAY && BindFailure.is(cause)) {
            return new StartException(
                    "Port " + server.port() + " on " + server.host()
                            + " cannot be listened on ("
                            + BindFailure.reason(cause)
                            + (BindFailure.taken(cause)
                                    ? "); stop what uses it, or choose another with --port."
                                    : "); choose an address of this machine with --host, or another port with --port."),
                    cause);
        }
        return new StartException("The " + role.label() + " service cannot start (" + cause.getMessage() + ").", cause);
    }

    private static Service service(Role role) {
        return switch (role) {
            case ALERT -> new AlertService();
            case MONITOR -> new MonitorService();
            case BATCHING -> new BatchingService();
            case CACHE -> new CacheService();
            case GATEWAY -> new GatewayService();
        };
    }
}
