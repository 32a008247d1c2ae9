package dev.penstock.batching;

import dev.penstock.common.config.BatchingConfig;
import dev.penstock.common.time.Ticker;
import dev.penstock.common.upstream.UpstreamClient;
import io.vertx.core.Context;
import io.vertx.core.Vertx;

/** What all pools share. Lives on the loop's thread. */
final class PoolRuntime {
    private final Vertx vertx;
    private final Context loop;
    private final Ticker ticker;
    private final UpstreamClient client;
    private BatchingConfig config;

    /** @param loop the one event-loop context on which everything in this package runs, so that nothing needs a lock */
    PoolRuntime(Vertx vertx, Context loop, Ticker ticker, UpstreamClient client, BatchingConfig config) {
        this.vertx = vertx;
        this.loop = loop;
        this.ticker = ticker;
        this.client = client;
        this.config = config;
    }

    Vertx vertx() {
        return vertx;
    }

    Context loop() {
        return loop;
    }

    Ticker ticker() {
        return ticker;
    }

    UpstreamClient client() {
        return client;
    }

    /** In force now. */
    BatchingConfig config() {
        return config;
    }

    void config(BatchingConfig next) {
        config = next;
    }
}
