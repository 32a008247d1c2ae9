package dev.penstock.gateway;

import dev.penstock.common.config.LiveConfig;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.gateway.policy.LimitCatalog;
import dev.penstock.gateway.route.Routes;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leads one gateway to another configuration. What holds state stays and is told (limits counted, near cache, leases,
 * metrics); what does not is made anew: the routes, and a pipeline for each event loop. Requests that have begun end in
 * the pipeline that they began in. Called by the one thread that reloads, which may block.
 */
final class GatewayReload implements LiveConfig.Part {
    private static final Logger log = LoggerFactory.getLogger(GatewayReload.class);
    private static final Duration READ_LIMIT = Duration.ofSeconds(10);
    private static final Duration SWITCH_LIMIT = Duration.ofSeconds(5);

    private final List<GatewayVerticle> servers;
    private volatile GatewayParts parts;

    GatewayReload(GatewayParts first, List<GatewayVerticle> servers) {
        this.parts = first;
        this.servers = servers;
    }

    @Override
    public Runnable prepare(PenstockConfig before, PenstockConfig next) {
        LimitCatalog limits = new LimitCatalog(next.limits());
        Routes routes = parts.routes().next(next.routes());
        read(routes.read());
        GatewayParts made = parts.under(next, routes);
        List<Supplier<Future<Void>>> loops =
                servers.stream().map(server -> server.prepare(made)).toList();
        return () -> {
            made.limiter().follow(limits);
            made.near().follow(next.cache());
            made.metrics().follow(routes.all());
            routes.open();
            Future<Void> over =
                    Future.join(loops.stream().map(Supplier::get).toList()).mapEmpty();
            if (!within(over, SWITCH_LIMIT)) {
                log.warn("an event loop is busy and goes over to the new configuration later");
            }
            made.client().forgetAllBut(next.models());
            parts = made;
        };
    }

    private static void read(Future<Void> schemas) {
        if (!within(schemas, READ_LIMIT)) {
            throw new IllegalArgumentException(
                    "routes: their schemas could not be read within " + READ_LIMIT.toSeconds() + " s");
        }
        if (schemas.failed()) {
            throw new IllegalArgumentException("routes: " + schemas.cause().getMessage(), schemas.cause());
        }
    }

    private static boolean within(Future<Void> future, Duration limit) {
        CountDownLatch done = new CountDownLatch(1);
        future.onComplete(result -> done.countDown());
        try {
            return done.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
