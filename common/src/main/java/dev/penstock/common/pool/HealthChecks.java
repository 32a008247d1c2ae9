package dev.penstock.common.pool;

import dev.penstock.common.config.HealthCheckConfig;
import dev.penstock.common.config.PoolConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the instances of a pool how they are. With a path, all of them by HTTP; without one, only those that could not be
 * connected to, by connecting. A check that is still under way is not doubled.
 */
final class HealthChecks {
    private static final Logger log = LoggerFactory.getLogger(HealthChecks.class);

    private final Vertx vertx;
    private final HealthCheckConfig rules;
    private final Pool pool;
    private final HttpClient http;
    private final NetClient tcp;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();
    private long timer = -1;

    HealthChecks(Vertx vertx, PoolConfig config, Pool pool) {
        this.vertx = vertx;
        this.rules = config.health();
        this.pool = pool;
        this.http = PoolClients.checks(vertx, config);
        this.tcp = vertx.createNetClient(
                new NetClientOptions().setConnectTimeout((int) rules.timeout().toMillis()));
    }

    void start() {
        timer = vertx.setPeriodic(Math.max(1, rules.interval().toMillis()), id -> round());
    }

    void stop() {
        vertx.cancelTimer(timer);
        http.close();
        tcp.close();
    }

    private void round() {
        boolean byHttp = !rules.path().isEmpty();
        for (Instance instance : pool.toCheck(byHttp)) {
            if (underWay.add(instance.name())) {
                (byHttp ? ask(instance) : connect(instance)).onComplete(result -> {
                    underWay.remove(instance.name());
                    if (result.failed()) {
                        log.debug("check of {} failed", instance.name(), result.cause());
                    }
                    pool.checked(instance.name(), result.succeeded() && result.result());
                });
            }
        }
    }

    private Future<Boolean> ask(Instance instance) {
        long millis = rules.timeout().toMillis();
        return http.request(pool.request(instance)
                        .setMethod(HttpMethod.GET)
                        .setURI(instance.basePath() + rules.path())
                        .setConnectTimeout(millis)
                        .setTimeout(millis)
                        .putHeader("user-agent", "penstock-check"))
                .compose(request -> request.send().map(response -> {
                    // The head is the answer; a body is not waited for.
                    response.exceptionHandler(e -> log.trace("check cut short", e));
                    request.reset();
                    return rules.statuses().contains(response.statusCode());
                }));
    }

    private Future<Boolean> connect(Instance instance) {
        return tcp.connect(instance.port(), instance.address()).map(socket -> {
            socket.close();
            return true;
        });
    }
}
