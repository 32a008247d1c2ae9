package dev.penstock.batching;

import dev.penstock.common.config.BatchingConfig;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.upstream.UpstreamClient;
import io.vertx.core.Context;
import io.vertx.core.Vertx;

/**
 * What all pools share.
 *
 * @param loop the one event-loop context on which everything in this package runs, so that nothing needs a lock
 */
record PoolRuntime(Vertx vertx, Context loop, Ticker ticker, UpstreamClient client, BatchingConfig config) {}
