package dev.penstock.gateway.aggregate;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.HostAndPort;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the answer to a part is written: into memory, out of an allowance that all parts share. What does not fit ends the
 * part as if its caller had gone. Confined to the request's event loop.
 */
final class PartResponse implements HttpServerResponse {
    private static final int OK = 200;

    /** Why a part has no whole answer. */
    enum Broken {
        TOO_LARGE,
        RESET,
        CANCELLED
    }

    private final Room room;
    private final Promise<Void> done = Promise.promise();
    private final MultiMap headers = HttpHeaders.headers();
    private final MultiMap trailers = HttpHeaders.headers();
    private Buffer body = Buffer.buffer();
    private @Nullable Handler<Void> closed;
    private @Nullable Broken broken;
    private int status = OK;
    private String message = "";
    private boolean chunked;
    private boolean begun;

    /** Bytes that all answers may have together. */
    static final class Room {
        private long left;

        Room(long bytes) {
            left = bytes;
        }

        boolean take(long bytes) {
            if (bytes > left) {
                return false;
            }
            left -= bytes;
            return true;
        }

        void give(long bytes) {
            left += bytes;
        }
    }

    PartResponse(Room room) {
        this.room = room;
    }

    /** Completes once there is a whole answer, or will be none. */
    Future<Void> done() {
        return done.future();
    }

    /** Null where the answer is whole. */
    @Nullable
    Broken broken() {
        return broken;
    }

    Buffer body() {
        return body;
    }

    /** Ends it without an answer; whoever works for it is told. */
    void cancel() {
        breakOff(Broken.CANCELLED);
    }

    private void breakOff(Broken why) {
        if (done.future().isComplete()) {
            return;
        }
        broken = why;
        room.give(body.length()); // what came of it is not shown
        body = Buffer.buffer();
        done.complete();
        Handler<Void> told = closed;
        if (told != null) {
            Future.<Void>succeededFuture().onSuccess(told);
        }
    }

    @Override
    public Future<Void> write(Buffer data) {
        begun = true;
        if (done.future().isComplete()) {
            return Future.succeededFuture();
        }
        if (room.take(data.length())) {
            body.appendBuffer(data);
        } else {
            breakOff(Broken.TOO_LARGE);
        }
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> end() {
        begun = true;
        done.tryComplete();
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> end(Buffer chunk) {
        write(chunk);
        return end();
    }

    @Override
    public Future<Void> write(String chunk) {
        return write(Buffer.buffer(chunk));
    }

    @Override
    public Future<Void> write(String chunk, String encoding) {
        return write(Buffer.buffer(chunk, encoding));
    }

    @Override
    public Future<Void> end(String chunk) {
        return end(Buffer.buffer(chunk));
    }

    @Override
    public Future<Void> end(String chunk, String encoding) {
        return end(Buffer.buffer(chunk, encoding));
    }

    @Override
    public Future<Void> writeHead() {
        begun = true;
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> reset(long code) {
        breakOff(Broken.RESET);
        return Future.succeededFuture();
    }

    @Override
    public int getStatusCode() {
        return status;
    }

    @Override
    public HttpServerResponse setStatusCode(int code) {
        status = code;
        return this;
    }

    @Override
    public String getStatusMessage() {
        return message;
    }

    @Override
    public HttpServerResponse setStatusMessage(String text) {
        message = text;
        return this;
    }

    @Override
    public HttpServerResponse setChunked(boolean on) {
        chunked = on;
        return this;
    }

    @Override
    public boolean isChunked() {
        return chunked;
    }

    @Override
    public MultiMap headers() {
        return headers;
    }

    @Override
    public HttpServerResponse putHeader(String name, String value) {
        headers.set(name, value);
        return this;
    }

    @Override
    public HttpServerResponse putHeader(CharSequence name, CharSequence value) {
        headers.set(name, value);
        return this;
    }

    @Override
    public HttpServerResponse putHeader(String name, Iterable<String> values) {
        headers.set(name, values);
        return this;
    }

    @Override
    public HttpServerResponse putHeader(CharSequence name, Iterable<CharSequence> values) {
        headers.set(name, values);
        return this;
    }

    @Override
    public MultiMap trailers() {
        return trailers;
    }

    @Override
    public HttpServerResponse putTrailer(String name, String value) {
        trailers.set(name, value);
        return this;
    }

    @Override
    public HttpServerResponse putTrailer(CharSequence name, CharSequence value) {
        trailers.set(name, value);
        return this;
    }

    @Override
    public HttpServerResponse putTrailer(String name, Iterable<String> values) {
        trailers.set(name, values);
        return this;
    }

    @Override
    public HttpServerResponse putTrailer(CharSequence name, Iterable<CharSequence> values) {
        trailers.set(name, values);
        return this;
    }

    @Override
    public HttpServerResponse closeHandler(@Nullable Handler<Void> handler) {
        closed = handler;
        return this;
    }

    @Override
    public boolean ended() {
        return done.future().isComplete();
    }

    @Override
    public boolean closed() {
        return broken != null;
    }

    @Override
    public boolean headWritten() {
        return begun;
    }

    @Override
    public long bytesWritten() {
        return body.length();
    }

    @Override
    public boolean writeQueueFull() {
        return false; // the room is the bound
    }

    @Override
    public HttpServerResponse setWriteQueueMaxSize(int size) {
        return this;
    }

    @Override
    public HttpServerResponse drainHandler(@Nullable Handler<Void> handler) {
        return this;
    }

    @Override
    public HttpServerResponse exceptionHandler(@Nullable Handler<Throwable> handler) {
        return this;
    }

    @Override
    public HttpServerResponse endHandler(@Nullable Handler<Void> handler) {
        return this;
    }

    @Override
    public HttpServerResponse headersEndHandler(@Nullable Handler<Void> handler) {
        return this;
    }

    @Override
    public HttpServerResponse bodyEndHandler(@Nullable Handler<Void> handler) {
        return this;
    }

    @Override
    public Future<Void> writeContinue() {
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> writeEarlyHints(MultiMap hints) {
        return Future.succeededFuture();
    }

    @Override
    public int streamId() {
        return -1;
    }

    @Override
    public Future<Void> sendFile(String file, long offset, long length) {
        throw nobodyDoes();
    }

    @Override
    public Future<Void> sendFile(FileChannel channel, long offset, long length) {
        throw nobodyDoes();
    }

    @Override
    public Future<Void> sendFile(RandomAccessFile file, long offset, long length) {
        throw nobodyDoes();
    }

    @Override
    public Future<HttpServerResponse> push(HttpMethod method, HostAndPort host, String path, MultiMap more) {
        throw nobodyDoes();
    }

    @Override
    public Future<Void> writeCustomFrame(int type, int flags, Buffer payload) {
        throw nobodyDoes();
    }

    @Override
    public HttpServerResponse addCookie(Cookie cookie) {
        headers.add(HttpHeaders.SET_COOKIE, cookie.encode());
        return this;
    }

    @Override
    public @Nullable Cookie removeCookie(String name, boolean invalidate) {
        throw nobodyDoes();
    }

    @Override
    public Set<Cookie> removeCookies(String name, boolean invalidate) {
        throw nobodyDoes();
    }

    @Override
    public @Nullable Cookie removeCookie(String name, String domain, String path, boolean invalidate) {
        throw nobodyDoes();
    }

    private static UnsupportedOperationException nobodyDoes() {
        return new UnsupportedOperationException("plain routes and GETs below /v1 do not use this");
    }
}
