package dev.penstock.common.pool;

import dev.penstock.common.pool.policy.Outcome;
import dev.penstock.common.pool.policy.Roster;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** An instance chosen for one call, counted as in flight until {@link #done}. Safe for use by several threads. */
public final class Pick {
    private final Pool pool;
    private final Instance instance;
    private final Roster.Grant grant;
    private final @Nullable String cookie;
    private final AtomicBoolean done = new AtomicBoolean();

    Pick(Pool pool, Instance instance, Roster.Grant grant, @Nullable String cookie) {
        this.pool = pool;
        this.instance = instance;
        this.grant = grant;
        this.cookie = cookie;
    }

    public Instance instance() {
        return instance;
    }

    /** The value to set as the affinity cookie; null where the caller has it already or there is no such cookie. */
    public @Nullable String cookie() {
        return cookie;
    }

    /**
     * A request to the instance for {@link Pool#client()}: address, TLS, timeouts; the caller adds headers.
     *
     * @param uri path and query, beginning with a slash; the instance's base path goes before it
     */
    public RequestOptions request(HttpMethod method, String uri) {
        return pool.request(instance).setMethod(method).setURI(instance.basePath() + uri);
    }

    /**
     * Says how the call ended. Must be called once; what comes later is ignored.
     *
     * @param latencyNanos from the call's start to the head of its answer; 0 where there was none
     * @param retryAfter what a throttled instance asked for; null where it did not say
     */
    public void done(Outcome outcome, long latencyNanos, @Nullable Duration retryAfter) {
        if (done.compareAndSet(false, true)) {
            pool.done(grant, outcome, latencyNanos, retryAfter);
        }
    }

    static RequestOptions options(Instance instance, String serverName) {
        return new RequestOptions()
                .setServer(SocketAddress.inetSocketAddress(instance.port(), instance.address()))
                .setHost(serverName.isEmpty() ? instance.host() : serverName)
                .setPort(instance.port())
                .setSsl(instance.tls());
    }
}
