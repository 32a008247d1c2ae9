package dev.penstock.gateway;

import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.pool.Pools;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.common.upstream.UpstreamClient;
import dev.penstock.gateway.ai.EmbeddingFlow;
import dev.penstock.gateway.ai.Flights;
import dev.penstock.gateway.ai.Leases;
import dev.penstock.gateway.ai.ModelFlow;
import dev.penstock.gateway.ai.Submissions;
import dev.penstock.gateway.auth.Authenticator;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.exchange.Reserver;
import dev.penstock.gateway.limit.Limiter;
import dev.penstock.gateway.money.MoneyParts;
import dev.penstock.gateway.nearcache.KeyHasher;
import dev.penstock.gateway.nearcache.NearCache;
import dev.penstock.gateway.policy.Failover;
import dev.penstock.gateway.policy.ModelNames;
import dev.penstock.gateway.route.Routes;
import dev.penstock.gateway.route.UpstreamFlow;
import dev.penstock.gateway.stage.AccessLog;
import dev.penstock.gateway.stage.AdmitStage;
import dev.penstock.gateway.stage.AnswerHeaders;
import dev.penstock.gateway.stage.AuthenticateStage;
import dev.penstock.gateway.stage.AuthoriseStage;
import dev.penstock.gateway.stage.CorrelateStage;
import dev.penstock.gateway.stage.ExecuteStage;
import dev.penstock.gateway.stage.GuardStage;
import dev.penstock.gateway.stage.IdempotencyStage;
import dev.penstock.gateway.stage.LookupStage;
import dev.penstock.gateway.stage.NearCacheStage;
import dev.penstock.gateway.stage.RequestMetrics;
import dev.penstock.gateway.stage.ReserveStage;
import dev.penstock.gateway.stage.RespondStage;
import dev.penstock.gateway.stage.SettleStage;
import dev.penstock.gateway.stage.Stage;
import dev.penstock.gateway.stage.ValidateStage;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * What the event loops of one gateway share, and the order of the stages.
 *
 * @param config what the pipelines are made from; a reload makes new parts and new pipelines
 * @param pools the instances of plain services
 * @param reservers what must be set aside before work is sent, in order
 * @param heartbeat silence after which a stream gets a comment
 */
record GatewayParts(
        ServiceContext context,
        PenstockConfig config,
        Pools pools,
        Authenticator authenticator,
        NearCache near,
        Limiter limiter,
        RequestMetrics metrics,
        UpstreamClient client,
        Leases leases,
        Submissions submissions,
        List<Reserver> reservers,
        MoneyParts money,
        Routes routes,
        Clock clock,
        Duration heartbeat) {

    /** The same parts under another configuration, with its routes. */
    GatewayParts under(PenstockConfig next, Routes nextRoutes) {
        return new GatewayParts(
                context,
                next,
                pools,
                authenticator,
                near,
                limiter,
                metrics,
                client,
                leases,
                submissions,
                reservers,
                money,
                nextRoutes,
                clock,
                heartbeat);
    }

    /**
     * The pipeline of one event loop.
     *
     * @param settled told of each request that is over
     */
    GatewayPipeline pipeline(Consumer<Exchange> settled) {
        return new GatewayPipeline(stages(settled), context.ticker());
    }

    /** In order. */
    List<Stage> stages(Consumer<Exchange> settled) {
        IdempotencyStage idempotency = idempotency();
        return List.of(
                correlate(),
                guard(),
                authenticate(),
                authorise(),
                admit(),
                validate(),
                idempotency,
                nearCache(),
                lookup(),
                reserve(),
                execute(),
                respond(),
                settle(idempotency, settled));
    }

    private Stage correlate() {
        return new CorrelateStage(context.ticker(), config.server().timeout(), metrics);
    }

    private Stage guard() {
        return new GuardStage(config.server().maxBody().bytes());
    }

    private Stage authenticate() {
        return new AuthenticateStage(authenticator, context.ticker());
    }

    private static Stage authorise() {
        return new AuthoriseStage();
    }

    private Stage admit() {
        return new AdmitStage(limiter, context.ticker(), metrics);
    }

    private Stage validate() {
        return new ValidateStage(config, new ModelNames(config), hasher(), context.ticker());
    }

    private KeyHasher hasher() {
        return new KeyHasher(config.auth().secret().reveal());
    }

    private IdempotencyStage idempotency() {
        return new IdempotencyStage(
                context.bus(), context.membership(), flights(), hasher(), config.cache(), context.ticker(), clock);
    }

    private Stage nearCache() {
        return new NearCacheStage(near, context.ticker(), clock);
    }

    private Stage lookup() {
        boolean enabled = config.cache().enabled();
        return new LookupStage(context.bus(), context.membership(), near, context.ticker(), enabled);
    }

    private Stage reserve() {
        return new ReserveStage(reservers, money.estimator(), context.ticker());
    }

    private Stage execute() {
        var cache = config.cache();
        Failover failover = new Failover(config.batching().maxAttempts());
        return new ExecuteStage(
                new ModelNames(config),
                new EmbeddingFlow(
                        context.vertx(),
                        context.bus(),
                        context.membership(),
                        flights(),
                        submissions,
                        money.ledger(),
                        cache,
                        context.ticker(),
                        clock),
                new ModelFlow(
                        context.vertx(),
                        context::config,
                        leases,
                        submissions,
                        client,
                        money.ledger(),
                        flights(),
                        cache,
                        failover,
                        context.ticker(),
                        clock,
                        heartbeat),
                new UpstreamFlow(routes));
    }

    private Stage respond() {
        return new RespondStage(near, new AnswerHeaders(clock), context.ticker());
    }

    private Stage settle(IdempotencyStage idempotency, Consumer<Exchange> settled) {
        return new SettleStage(
                flights(), idempotency, near, money.ledger(), metrics, new AccessLog(config.telemetry()), settled);
    }

    private Flights flights() {
        return new Flights(context.bus(), context.ticker(), context.membership().self());
    }
}
