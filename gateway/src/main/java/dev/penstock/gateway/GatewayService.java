package dev.penstock.gateway;

import dev.penstock.common.contract.CacheContract;
import dev.penstock.common.crypto.FieldCipher;
import dev.penstock.common.pool.Pools;
import dev.penstock.common.service.Role;
import dev.penstock.common.service.Service;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.upstream.UpstreamClient;
import dev.penstock.gateway.ai.Leases;
import dev.penstock.gateway.ai.Submissions;
import dev.penstock.gateway.audit.AuditLog;
import dev.penstock.gateway.auth.Auth;
import dev.penstock.gateway.guard.Guard;
import dev.penstock.gateway.guard.content.ContentCheck;
import dev.penstock.gateway.limit.Limiter;
import dev.penstock.gateway.limit.SlotReserver;
import dev.penstock.gateway.limit.TokenReserver;
import dev.penstock.gateway.money.MoneyParts;
import dev.penstock.gateway.nearcache.NearCache;
import dev.penstock.gateway.oidc.OidcVerifier;
import dev.penstock.gateway.ops.LimiterAdmission;
import dev.penstock.gateway.ops.NearCacheFigures.Figures;
import dev.penstock.gateway.ops.OperationsRoutes;
import dev.penstock.gateway.route.Routes;
import dev.penstock.gateway.stage.RequestMetrics;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway as a service: one server per core on one port, and what they share. */
public final class GatewayService implements Service {
    private static final Logger log = LoggerFactory.getLogger(GatewayService.class);

    /** The drain has waited for the calls already. */
    private static final Duration POOLS_CLOSE = Duration.ofSeconds(3);

    /** Proxies and clients give up on silence; the SDKs skip comments. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);

    private final List<GatewayVerticle> servers = new CopyOnWriteArrayList<>();
    private @Nullable GatewayParts parts;
    private @Nullable AuditLog audit;
    private @Nullable Auth auth;
    private @Nullable OidcVerifier outside;
    private @Nullable Guard guard;
    private @Nullable OperationsRoutes operations;
    private @Nullable HttpServer redirecting;
    private @Nullable String deployment;
    private final Duration heartbeat;

    public GatewayService() {
        this(HEARTBEAT);
    }

    /** @param heartbeat silence after which a stream gets a comment */
    GatewayService(Duration heartbeat) {
        this.heartbeat = heartbeat;
    }

    @Override
    public Role role() {
        return Role.GATEWAY;
    }

    @Override
    public Future<Void> start(ServiceContext context) {
        AuditLog trail = AuditLog.open(context, FieldCipher.of(context.config()));
        OidcVerifier issuers = new OidcVerifier(context, context.config().auth().oidc());
        Auth credentials = Auth.create(context, trail, List.of(issuers));
        Guard protection = Guard.create(context, trail);
        credentials.trail().untold(protection.blocks()::untold);
        GatewayParts made = parts(context, credentials, protection.contents());
        NearCache near = made.near();
        OperationsRoutes routes = new OperationsRoutes(
                context,
                credentials,
                trail,
                made.money(),
                made.pools(),
                new LimiterAdmission(made.limiter(), made.metrics()::limited),
                () -> new Figures(near.hits(), near.misses(), near.size(), near.bytes()),
                trail.reader(),
                protection.blocks());
        guard = protection;
        audit = trail;
        outside = issuers;
        auth = credentials;
        parts = made;
        operations = routes;
        issuers.start();
        made.leases().start();
        made.pools().registry().start();
        return trail.start()
                .compose(done -> credentials.start())
                .compose(done -> context.bus().subscribe(CacheContract.INVALIDATIONS, near::invalidated))
                .compose(done -> context.bus().subscribe(CacheContract.HEARTBEATS, near::heartbeat))
                .compose(done -> protection.start())
                .compose(done -> routes.start())
                .compose(done -> made.money().start())
                .compose(done -> made.routes().start())
                .compose(done -> deploy(context, made, routes, protection))
                .compose(id -> {
                    deployment = id;
                    return redirect(context);
                })
                .map(done -> {
                    context.live().register(new GatewayReload(made, servers));
                    context.membership().announce(Role.GATEWAY);
                    log.info("listening on {}:{}", context.config().server().host(), port());
                    return null;
                });
    }

    private Future<Void> redirect(ServiceContext context) {
        var server = context.config().server();
        int from = server.tls().redirectPort();
        return from == 0
                ? Future.succeededFuture()
                : RedirectServer.listen(context.vertx(), context.ticker(), server.host(), from, port())
                        .onSuccess(listening -> redirecting = listening)
                        .mapEmpty();
    }

    /** The port that the public server listens on; only after the start. */
    public int port() {
        return servers.getFirst().port();
    }

    /** What its event loops share; only after the start. */
    GatewayParts parts() {
        return Objects.requireNonNull(parts, "not started");
    }

    @Override
    public Future<Void> drain() {
        if (parts != null) {
            parts.context().health().ready(false);
        }
        List<Future<Void>> drains = new ArrayList<>();
        if (parts != null) {
            drains.add(parts.routes().drain());
        }
        if (redirecting != null) {
            drains.add(redirecting.close());
        }
        if (operations != null) {
            drains.add(operations.stop());
        }
        servers.forEach(server -> drains.add(server.drain()));
        return Future.join(drains).mapEmpty();
    }

    @Override
    public Future<Void> stop() {
        if (parts == null) {
            return Future.succeededFuture();
        }
        GatewayParts held = parts;
        held.leases().close();
        Objects.requireNonNull(auth).stop();
        Objects.requireNonNull(guard).stop();
        Future<Void> undeployed = deployment == null
                ? Future.succeededFuture()
                : held.context().vertx().undeploy(deployment);
        return undeployed
                .eventually(() -> held.pools().close().timeout(POOLS_CLOSE.toMillis(), TimeUnit.MILLISECONDS))
                .eventually(() -> held.client().close())
                .eventually(() -> held.money().stop())
                .eventually(() -> Objects.requireNonNull(outside).stop())
                .eventually(() -> Objects.requireNonNull(audit).stop());
    }

    private Future<String> deploy(
            ServiceContext context, GatewayParts shared, OperationsRoutes routes, Guard protection) {
        int cores = Math.max(1, Runtime.getRuntime().availableProcessors());
        return context.vertx()
                .deployVerticle(
                        () -> {
                            GatewayVerticle server = new GatewayVerticle(shared, routes, protection);
                            servers.add(server);
                            return server;
                        },
                        new DeploymentOptions().setInstances(cores));
    }

    private GatewayParts parts(ServiceContext context, Auth credentials, ContentCheck uploads) {
        var config = context.config();
        var membership = context.membership();
        boolean shared = !config.redis().url().reveal().isBlank();
        Limiter limiter = new Limiter(
                context.redis(), membership, context.ticker(), context.telemetry(), config.limits(), shared);
        limiter.register(context.health());
        MoneyParts money = new MoneyParts(context, Clock.systemUTC());
        limiter.start(context.vertx());
        SlotReserver slots = new SlotReserver(limiter);
        slots.start(context.vertx());
        Pools pools = Pools.create(context);
        Routes plain = new Routes(context, pools, uploads);
        return new GatewayParts(
                context,
                config,
                pools,
                credentials.authenticator(),
                new NearCache(config.cache(), membership, context.ticker()),
                limiter,
                new RequestMetrics(context.telemetry(), plain.all()),
                new UpstreamClient(context.vertx(), config.batching().connectTimeout()),
                new Leases(
                        context.vertx(),
                        context.bus(),
                        membership,
                        context.ticker(),
                        config.batching().leaseRenewal()),
                new Submissions(context.bus(), context.ticker(), membership.self()),
                List.of(slots, new TokenReserver(limiter), money.reserver()),
                money,
                plain,
                Clock.systemUTC(),
                heartbeat);
    }
}
