package dev.penstock.gateway.route;

import dev.penstock.common.fault.Fault;
import dev.penstock.gateway.exchange.BodyIntake;
import dev.penstock.gateway.exchange.Exchange;
import dev.penstock.gateway.guard.content.ContentCheck;
import dev.penstock.gateway.guard.content.ContentCheck.Checked;
import dev.penstock.gateway.guard.content.ContentCheck.Upload;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.ReadStream;
import org.jspecify.annotations.Nullable;

/** Has one body checked before a server sees it. The file of what passes ends with the request. */
final class UploadCheck {
    private final Exchange exchange;
    private final long most;
    private final Heard body;

    /**
     * @param most bytes that the route takes
     * @param moved told of each piece that arrives
     */
    UploadCheck(Exchange exchange, long most, Runnable moved) {
        this.exchange = exchange;
        this.most = most;
        this.body = new Heard(exchange.request(), moved);
    }

    /** Nobody waits for the verdict any more: what was written is deleted. */
    void giveUp() {
        body.breakOff();
    }

    /** Reads the body and judges it. */
    Future<Checked> run(ContentCheck uploads) {
        HttpServerRequest request = exchange.request();
        Upload upload = new Upload(
                request,
                body,
                request.getHeader(HttpHeaders.CONTENT_TYPE),
                null,
                exchange.principal().keyId(),
                RouteGuard.length(request));
        return uploads.check(upload).compose(checked -> {
            if (checked.length() <= most) {
                return Future.succeededFuture(checked);
            }
            Fault large = BodyIntake.tooLarge(most);
            return checked.discard().otherwiseEmpty().compose(gone -> Future.failedFuture(large));
        });
    }

    /** A stream that says when a piece of it arrives. */
    static final class Heard implements ReadStream<Buffer> {
        private final ReadStream<Buffer> source;
        private final Runnable moved;
        private @Nullable Handler<Throwable> broken;

        Heard(ReadStream<Buffer> source, Runnable moved) {
            this.source = source;
            this.moved = moved;
        }

        /** Ends it for the reader. */
        void breakOff() {
            Handler<Throwable> told = broken;
            broken = null;
            if (told != null) {
                told.handle(Exchange.gone());
            }
        }

        @Override
        public ReadStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
            broken = handler;
            source.exceptionHandler(handler);
            return this;
        }

        @Override
        public ReadStream<Buffer> handler(@Nullable Handler<Buffer> handler) {
            source.handler(
                    handler == null
                            ? null
                            : chunk -> {
                                moved.run();
                                handler.handle(chunk);
                            });
            return this;
        }

        @Override
        public ReadStream<Buffer> pause() {
            source.pause();
            return this;
        }

        @Override
        public ReadStream<Buffer> resume() {
            source.resume();
            return this;
        }

        @Override
        public ReadStream<Buffer> fetch(long amount) {
            source.fetch(amount);
            return this;
        }

        @Override
        public ReadStream<Buffer> endHandler(@Nullable Handler<Void> handler) {
            source.endHandler(handler);
            return this;
        }
    }
}
