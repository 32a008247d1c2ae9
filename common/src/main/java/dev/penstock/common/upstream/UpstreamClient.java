package dev.penstock.common.upstream;

import dev.penstock.common.bus.CallContext;
import dev.penstock.common.config.InstanceConfig;
import dev.penstock.common.config.ModelConfig;
import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.PoolOptions;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * HTTP to model instances. One long-lived client for all of them: connections are kept alive and pooled per instance;
 * the bound on calls in flight is the instance's {@code max-concurrency}, which leases and lanes enforce, so that the
 * pool never queues unseen.
 *
 * <p>Call from an event loop; the answer comes back on the same one.
 */
public final class UpstreamClient {
    private static final int POOL = 10_000; // above every max-concurrency: nothing waits here
    private static final int WAITING = 10_000;

    private final Vertx vertx;
    private final HttpClient client;
    private final Duration connectTimeout;
    /** Bounded by the instances of the configuration. */
    private final Map<InstanceConfig, Target> targets = new ConcurrentHashMap<>();

    /** A whole answer. */
    public record Answer(int status, MultiMap headers, Buffer body) {}

    public UpstreamClient(Vertx vertx, Duration connectTimeout) {
        this.vertx = vertx;
        this.connectTimeout = connectTimeout;
        this.client = vertx.httpClientBuilder()
                .with(new HttpClientOptions()
                        .setTcpNoDelay(true)
                        .setKeepAliveTimeout(30)
                        .setConnectTimeout((int) connectTimeout.toMillis())
                        .setMaxHeaderSize(64 * 1024))
                .with(new PoolOptions().setHttp1MaxSize(POOL).setMaxWaitQueueSize(WAITING))
                .build();
    }

    /**
     * Starts a call whose answer is read as it comes.
     *
     * @param headTimeout longest wait for the answer's head
     */
    public UpstreamCall open(InstanceConfig instance, Outbound outbound, CallContext context, Duration headTimeout) {
        Target target = targets.computeIfAbsent(instance, Target::of);
        var options = target.post(outbound, context.correlationId(), connectTimeout);
        if (context.traceparent() != null) {
            options.putHeader("traceparent", context.traceparent());
        }
        return UpstreamCall.start(vertx, client, options, outbound.body(), headTimeout.toMillis());
    }

    /**
     * Reads the rest of an answer. Fails with {@link UpstreamFailure} if the body is cut short, larger than
     * {@code maxBytes}, or not there within {@code timeout}; the call is then cancelled.
     */
    public Future<Answer> collect(UpstreamCall call, HttpClientResponse response, int maxBytes, Duration timeout) {
        Promise<Answer> whole = Promise.promise();
        Buffer body = Buffer.buffer();
        long timer = vertx.setTimer(
                Math.max(1, timeout.toMillis()),
                id -> giveUp(whole, call, FaultCode.TIMEOUT, "The model did not finish its answer in time."));
        whole.future().onComplete(done -> vertx.cancelTimer(timer));
        response.exceptionHandler(e -> giveUp(whole, call, FaultCode.UPSTREAM_ERROR, "The model's answer broke off."));
        response.handler(chunk -> {
            if (body.length() + chunk.length() > maxBytes) {
                giveUp(
                        whole,
                        call,
                        FaultCode.UPSTREAM_ERROR,
                        "The model's answer is larger than " + maxBytes + " bytes.");
            } else {
                body.appendBuffer(chunk);
            }
        });
        response.endHandler(v -> {
            call.over();
            whole.tryComplete(new Answer(response.statusCode(), response.headers(), body));
        });
        response.resume();
        return whole.future();
    }

    /** Forgets instances that are in none of {@code models}: their calls in flight go on, and a later one is known anew. */
    public void forgetAllBut(Collection<ModelConfig> models) {
        Set<InstanceConfig> kept = new HashSet<>();
        models.forEach(model -> kept.addAll(model.instances()));
        targets.keySet().retainAll(kept);
    }

    public Future<Void> close() {
        return client.close();
    }

    private static void giveUp(Promise<Answer> whole, UpstreamCall call, FaultCode code, String message) {
        if (whole.tryFail(new UpstreamFailure(true, Fault.of(code, message)))) {
            call.cancel();
        }
    }
}
