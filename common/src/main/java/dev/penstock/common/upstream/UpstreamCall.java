package dev.penstock.common.upstream;

import dev.penstock.common.fault.Fault;
import dev.penstock.common.fault.FaultCode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP call to an instance that can be cancelled at any time, also while it still waits for a connection. Belongs to
 * the context that made it.
 */
public final class UpstreamCall {
    private static final Logger log = LoggerFactory.getLogger(UpstreamCall.class);
    private static final long CANCEL_CODE = 8; // HTTP/2 CANCEL; HTTP/1.1 closes the connection

    private final Vertx vertx;
    private final Promise<HttpClientResponse> head = Promise.promise();
    private @Nullable HttpClientRequest request;
    private boolean sent;
    private boolean ended;
    /** The answer was read to its end: from then on the connection may be another call's. */
    private boolean over;

    private long timer = -1;

    private UpstreamCall(Vertx vertx) {
        this.vertx = vertx;
    }

    static UpstreamCall start(Vertx vertx, HttpClient client, RequestOptions options, Buffer body, long headMillis) {
        UpstreamCall call = new UpstreamCall(vertx);
        call.timer = vertx.setTimer(
                Math.max(1, headMillis),
                id -> call.fail(Fault.of(FaultCode.TIMEOUT, "The model did not answer in time.")));
        client.request(options).onComplete(result -> {
            if (result.failed()) {
                call.unreachable(result.cause());
            } else {
                call.send(result.result(), body);
            }
        });
        return call;
    }

    /**
     * The answer's head, its body paused: set handlers or pipe, then resume. Fails with {@link UpstreamFailure} where
     * there is no answer, in time or at all.
     */
    public Future<HttpClientResponse> response() {
        return head.future();
    }

    /** Stops the call and lets the instance see it. Does nothing to a call whose answer was read to its end. */
    public void cancel() {
        fail(Fault.of(FaultCode.CANCELLED, "The caller went away."));
        abort();
    }

    private void send(HttpClientRequest opened, Buffer body) {
        request = opened;
        if (ended) {
            abort();
            return;
        }
        sent = true;
        opened.send(body).onComplete(result -> {
            if (result.failed()) {
                log.debug("call failed", result.cause());
                fail(Fault.of(FaultCode.UPSTREAM_ERROR, "The connection to the model broke."));
                return;
            }
            result.result().pause();
            if (!finish()) {
                abort();
                return;
            }
            head.complete(result.result());
        });
    }

    private void unreachable(Throwable cause) {
        log.debug("no connection", cause);
        fail(Fault.of(FaultCode.UPSTREAM_ERROR, "The model's server cannot be reached."));
    }

    private void fail(Fault fault) {
        if (finish()) {
            head.fail(new UpstreamFailure(sent, fault));
            abort();
        }
    }

    /** The answer was read to its end: there is nothing left to stop. */
    void over() {
        over = true;
    }

    private void abort() {
        if (request != null && !over) {
            request.reset(CANCEL_CODE);
        }
    }

    /** True for whoever ends the wait for the head first. */
    private boolean finish() {
        if (ended) {
            return false;
        }
        ended = true;
        vertx.cancelTimer(timer);
        return true;
    }
}
