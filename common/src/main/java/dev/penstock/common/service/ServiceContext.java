package dev.penstock.common.service;

import dev.penstock.common.bus.Bus;
import dev.penstock.common.cluster.Membership;
import dev.penstock.common.config.LiveConfig;
import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.health.Health;
import dev.penstock.common.store.Postgres;
import dev.penstock.common.store.Redis;
import dev.penstock.common.telemetry.Telemetry;
import dev.penstock.common.time.Ticker;
import io.vertx.core.Vertx;
import java.nio.file.Path;

/**
 * What a service is given. The owner of the process makes and closes all of it.
 *
 * @param live the configuration in force, and the place to learn of the next
 * @param dataFolder this process's own folder, for spools and generated secrets; exists and is writable
 */
public record ServiceContext(
        Vertx vertx,
        Bus bus,
        Membership membership,
        LiveConfig live,
        Redis redis,
        Postgres postgres,
        Telemetry telemetry,
        Health health,
        Ticker ticker,
        Path dataFolder) {
    /** The configuration in force now; what must follow a change registers with {@link #live}. */
    public PenstockConfig config() {
        return live.config();
    }
}
