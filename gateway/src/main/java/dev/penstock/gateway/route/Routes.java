package dev.penstock.gateway.route;

import dev.penstock.common.config.PoolConfig;
import dev.penstock.common.config.RouteConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.pool.Pool;
import dev.penstock.common.pool.Pools;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.guard.content.ContentCheck;
import dev.penstock.gateway.route.policy.PlainRoute;
import dev.penstock.gateway.route.policy.RequestPath;
import dev.penstock.gateway.route.policy.RequestPath.BadPath;
import dev.penstock.gateway.route.policy.RouteTable;
import dev.penstock.gateway.route.policy.RouteTarget;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The plain routes of a gateway: made and started once, shared by its event loops. {@link #match} says whether a request is
 * theirs, {@link UpstreamFlow} has it answered.
 */
public final class Routes {
    private final ServiceContext context;
    private final List<PlainRoute> configured;
    private final RouteTable<PlainRoute> table;
    private final Tunnels tunnels;
    private final Pools pools;
    private final ContentCheck uploads;
    /** Filled by {@link #read}; bounded by the configuration. */
    private final Map<PlainRoute, Validation> validations = new ConcurrentHashMap<>();
    /** Filled by {@link #open}; bounded by the configuration. */
    private final Map<PlainRoute, UpstreamRoute> upstreams = new ConcurrentHashMap<>();

    /**
     * @param pools of the process; closed by their owner
     * @param uploads checks the bodies of routes that ask for it
     */
    public Routes(ServiceContext context, Pools pools, ContentCheck uploads) {
        this(
                context,
                pools,
                uploads,
                new Tunnels(context.telemetry()),
                context.config().routes());
    }

    private Routes(
            ServiceContext context, Pools pools, ContentCheck uploads, Tunnels tunnels, List<RouteConfig> routes) {
        this.uploads = uploads;
        this.context = context;
        this.configured = routes.stream().map(PlainRoute::of).toList();
        this.table = new RouteTable<>(configured.stream()
                .map(route -> new RouteTable.Entry<>(
                        route.config().host(), route.config().prefix(), route))
                .toList());
        this.pools = pools;
        this.tunnels = tunnels;
    }

    /** The routes of another configuration beside these; {@link #read} and {@link #open} make them ready. */
    public Routes next(List<RouteConfig> routes) {
        return new Routes(context, pools, uploads, tunnels, routes);
    }

    /** Reads the schemas and opens the pools. Fails with what is wrong with one of the schemas. */
    public Future<Void> start() {
        return read().onSuccess(read -> open());
    }

    /** Reads the schemas. Fails with what is wrong with one of them. */
    public Future<Void> read() {
        List<Future<Void>> reads = new ArrayList<>();
        for (PlainRoute route : configured) {
            reads.add(validation(route).map(read -> {
                if (read != null) {
                    validations.put(route, read);
                }
                return null;
            }));
        }
        return Future.all(reads).mapEmpty();
    }

    /** Goes over to the pools of these routes; after {@link #read}, before the first request. */
    public void open() {
        Map<String, PoolConfig> wanted = new HashMap<>();
        configured.forEach(route -> wanted.put(route.name(), route.config().pool()));
        Map<String, Pool> opened = pools.follow(wanted);
        for (PlainRoute route : configured) {
            Pool pool = Objects.requireNonNull(opened.get(route.name()), "just opened");
            upstreams.put(
                    route,
                    new UpstreamRoute(
                            route,
                            pool,
                            validations.get(route),
                            route.config().checkUploads() ? uploads : null,
                            context.vertx(),
                            context.ticker()));
        }
    }

    private Future<@Nullable Validation> validation(PlainRoute route) {
        RouteConfig config = route.config();
        if (!config.validation().schema().isBlank()) {
            return SchemaValidation.load(
                            context.vertx(), route.name(), config.validation().schema())
                    .map(read -> read);
        }
        if (!config.validation().openapi().isBlank()) {
            return OpenApiValidation.load(context.vertx(), route).map(read -> read);
        }
        return Future.succeededFuture(null);
    }

    /** Tells the WebSockets to go elsewhere; complete when they have gone. */
    public Future<Void> drain() {
        return tunnels.drain();
    }

    /** All routes, as configured. */
    public List<PlainRoute> all() {
        return configured;
    }

    /**
     * Where a request goes that is not for the AI API.
     *
     * @return null if no plain route takes it
     * @throws Fault where its path can be read in two ways
     */
    public @Nullable RouteTarget match(HttpServerRequest request) {
        String target = request.uri();
        String raw = configured.isEmpty() || target == null ? null : RequestPath.rawPath(target);
        if (raw == null) {
            return null;
        }
        String path;
        try {
            path = RequestPath.normalise(raw);
        } catch (BadPath e) {
            throw Fault.invalid("path", e.reason());
        }
        String host = host(request);
        PlainRoute route = table.find(host, path);
        return route == null ? null : new RouteTarget(route, path, RequestPath.query(target), host);
    }

    private static String host(HttpServerRequest request) {
        var authority = request.authority();
        return authority == null || authority.host() == null ? "" : authority.host();
    }

    UpstreamRoute of(PlainRoute route) {
        return Objects.requireNonNull(upstreams.get(route), "not started");
    }

    Tunnels tunnels() {
        return tunnels;
    }
}
