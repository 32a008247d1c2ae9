package dev.penstock.gateway.route;

import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.exchange.BodyIntake;
import dev.penstock.gateway.exchange.Exchange;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/**
 * A caller's body on its way: looked at, held whole, or passed on with backpressure, never more than its bound. Nothing is
 * read before somebody asks. Confined to the request's event loop.
 */
final class RequestBody {
    private final HttpServerRequest request;
    private final long most;
    private final Runnable moved;
    private long count;
    private Buffer held = Buffer.buffer();
    private boolean ended;
    private @Nullable Fault fault;
    private long wanted;
    private @Nullable Runnable enough;
    private @Nullable WriteStream<Buffer> sink;
    private @Nullable Handler<@Nullable Fault> done;

    /** The request must be paused. */
    RequestBody(HttpServerRequest request, long most, Runnable moved) {
        this.request = request;
        this.most = most;
        this.moved = moved;
        this.ended = request.isEnded();
        if (!ended) {
            request.handler(this::chunk);
            request.endHandler(end -> ended());
            request.exceptionHandler(broken -> failed(Exchange.gone()));
        }
    }

    /** Reads until that many bytes are held or the body has ended or failed. */
    void hold(long bytes, Runnable then) {
        wanted = bytes;
        enough = then;
        if (ended || fault != null || held.length() >= bytes) {
            wake();
        } else {
            request.resume();
        }
    }

    /** What is held; the whole body once it is {@link #complete}. */
    Buffer held() {
        return held;
    }

    boolean complete() {
        return ended;
    }

    /** Why there is no more; null if nothing is wrong. */
    @Nullable
    Fault fault() {
        return fault;
    }

    /** Passes the rest on. {@code then} gets a fault where the caller went away or sent too much. */
    void pass(WriteStream<Buffer> to, Handler<@Nullable Fault> then) {
        sink = to;
        done = then;
        if (held.length() > 0) {
            Buffer first = held;
            held = Buffer.buffer();
            to.write(first);
        }
        if (fault != null || ended) {
            finish();
            return;
        }
        to.drainHandler(drained -> request.resume());
        if (!to.writeQueueFull()) {
            request.resume();
        }
    }

    /** Nobody wants the rest: it is read and dropped, so that the answer can be read by the caller. */
    void drop() {
        sink = null;
        done = null;
        held = Buffer.buffer();
        if (!request.isEnded()) {
            request.handler(chunk -> {});
            request.resume();
        }
    }

    private void chunk(Buffer chunk) {
        moved.run();
        count += chunk.length();
        if (count > most) {
            failed(BodyIntake.tooLarge(most));
            return;
        }
        WriteStream<Buffer> to = sink;
        if (to != null) {
            to.write(chunk);
            if (to.writeQueueFull()) {
                request.pause();
            }
            return;
        }
        held.appendBuffer(chunk);
        if (held.length() >= wanted) {
            request.pause();
            wake();
        }
    }

    private void ended() {
        ended = true;
        moved.run();
        if (sink != null) {
            finish();
        } else {
            wake();
        }
    }

    private void failed(Fault why) {
        if (ended || fault != null) {
            return;
        }
        fault = why;
        if (sink != null) {
            finish();
        } else {
            wake();
        }
    }

    private void wake() {
        Runnable then = enough;
        enough = null;
        if (then != null) {
            then.run();
        }
    }

    private void finish() {
        Handler<@Nullable Fault> then = done;
        done = null;
        if (then != null) {
            then.handle(fault);
        }
    }
}
