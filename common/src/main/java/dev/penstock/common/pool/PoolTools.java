package dev.penstock.common.pool;

import dev.penstock.common.telemetry.Telemetry;
import dev.penstock.common.time.Ticker;
import io.vertx.core.Vertx;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;

/**
 * What all pools of a process share.
 *
 * @param gateways how many gateways are live; they share the floor of retries
 * @param secret signs affinity cookies; the same on all gateways
 * @param chance between 0 and 1, anew each time, on any thread
 */
record PoolTools(
        Vertx vertx, Telemetry telemetry, Ticker ticker, IntSupplier gateways, String secret, DoubleSupplier chance) {}
