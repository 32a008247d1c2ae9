package dev.penstock.benchmarks.jmh;

import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * A POST without a socket, and where its answer goes. Of both only what the way of a hit uses; the rest throws. The
 * response is a dynamic proxy, which costs some 100 ns and a few dozen bytes a request that a real one does not.
 */
final class FakeRequest extends NoRequest {
    private final String path;
    private final MultiMap headers;
    private final Answer answer = new Answer();
    private final HttpServerResponse response = (HttpServerResponse) Proxy.newProxyInstance(
            FakeRequest.class.getClassLoader(), new Class<?>[] {HttpServerResponse.class}, answer);
    private @Nullable Handler<Buffer> onChunk;
    private @Nullable Handler<Void> onEnd;

    FakeRequest(String path, MultiMap headers) {
        this.path = path;
        this.headers = headers;
    }

    /** The body comes, as it does after the head's handler has returned. */
    void deliver(Buffer body) {
        if (onChunk != null && onEnd != null) {
            onChunk.handle(body);
            onEnd.handle(null);
        }
    }

    /** What was answered, or null. */
    @Nullable
    Buffer answered() {
        return answer.body;
    }

    @Override
    public HttpServerRequest handler(Handler<Buffer> handler) {
        onChunk = handler;
        return this;
    }

    @Override
    public HttpServerRequest endHandler(Handler<Void> handler) {
        onEnd = handler;
        return this;
    }

    @Override
    public HttpServerRequest exceptionHandler(Handler<Throwable> handler) {
        return this;
    }

    @Override
    public HttpMethod method() {
        return HttpMethod.POST;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public MultiMap headers() {
        return headers;
    }

    @Override
    public @Nullable String getHeader(String name) {
        return headers.get(name);
    }

    @Override
    public @Nullable String getHeader(CharSequence name) {
        return headers.get(name);
    }

    @Override
    public boolean isSSL() {
        return false;
    }

    @Override
    public HttpServerResponse response() {
        return response;
    }

    /** The response behind its interface of some fifty methods. */
    private static final class Answer implements InvocationHandler {
        private final MultiMap headers = HttpHeaders.headers();
        private @Nullable Buffer body;

        @Override
        public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) {
            return switch (method.getName()) {
                case "closed", "ended", "headWritten" ->
                    body != null && !method.getName().equals("closed");
                case "headers" -> headers;
                case "getStatusCode" -> 200;
                case "closeHandler", "exceptionHandler", "putHeader", "setStatusCode" -> proxy;
                case "end" -> {
                    body = arguments == null ? Buffer.buffer() : (Buffer) arguments[0];
                    yield null;
                }
                default -> throw new UnsupportedOperationException(method.toString());
            };
        }
    }
}
