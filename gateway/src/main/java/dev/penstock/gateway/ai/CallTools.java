package dev.penstock.gateway.ai;

import dev.penstock.common.config.PenstockConfig;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.upstream.UpstreamClient;
import dev.penstock.gateway.money.UsageLedger;
import dev.penstock.gateway.policy.Failover;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * What a leased call needs, made once per gateway.
 *
 * @param live the configuration in force now
 * @param heartbeat silence after which a stream gets a comment
 * @param maxAnswer the largest whole answer that is read, in bytes
 */
record CallTools(
        Vertx vertx,
        Supplier<PenstockConfig> live,
        Leases leases,
        Submissions submissions,
        UpstreamClient client,
        UsageLedger ledger,
        Failover failover,
        Ticker ticker,
        Clock clock,
        Duration heartbeat,
        int maxAnswer) {}
