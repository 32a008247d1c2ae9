package dev.penstock.benchmarks.jmh;

import io.netty.handler.codec.DecoderResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpFrame;
import io.vertx.core.http.HttpServerFileUpload;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.StreamPriority;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import org.jspecify.annotations.NullUnmarked;

/** Everything about a request that the way of a near-cache hit has no use for. */
@NullUnmarked // as the interface is
abstract class NoRequest implements HttpServerRequest {
    @Override
    public HttpServerRequest pause() {
        throw new UnsupportedOperationException();
    }

    @Override
    public HttpServerRequest resume() {
        throw new UnsupportedOperationException();
    }

    @Override
    public HttpServerRequest fetch(long p0) {
        throw new UnsupportedOperationException();
    }

    @Override
    public HttpVersion version() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String scheme() {
        throw new UnsupportedOperationException();
    }

    @Override
    public HostAndPort authority() {
        throw new UnsupportedOperationException();
    }

    @Override
    public HostAndPort authority(boolean p0) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long bytesRead() {
        throw new UnsupportedOperationException();
    }

    @Override
    public HttpServerRequest setParamsCharset(String p0) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String getParamsCharset() {
        throw new UnsupportedOperationException();
    }

    @Override
    public MultiMap params(boolean p0) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String absoluteURI() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<Buffer> body() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<Void> end() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<NetSocket> toNetSocket() {
        throw new UnsupportedOperationException();
    }

    @Override
    public HttpServerRequest setExpectMultipart(boolean p0) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isExpectMultipart() {
        throw new UnsupportedOperationException();
    }

    @Override
    public HttpServerRequest uploadHandler(Handler<HttpServerFileUpload> p0) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MultiMap formAttributes() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String getFormAttribute(String p0) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<ServerWebSocket> toWebSocket() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isEnded() {
        throw new UnsupportedOperationException();
    }

    @Override
    public HttpServerRequest customFrameHandler(Handler<HttpFrame> p0) {
        throw new UnsupportedOperationException();
    }

    @Override
    public HttpConnection connection() {
        throw new UnsupportedOperationException();
    }

    @Override
    public HttpServerRequest streamPriorityHandler(Handler<StreamPriority> p0) {
        throw new UnsupportedOperationException();
    }

    @Override
    public DecoderResult decoderResult() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Cookie getCookie(String p0) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Cookie getCookie(String p0, String p1, String p2) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<Cookie> cookies(String p0) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<Cookie> cookies() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String uri() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String query() {
        throw new UnsupportedOperationException();
    }
}
