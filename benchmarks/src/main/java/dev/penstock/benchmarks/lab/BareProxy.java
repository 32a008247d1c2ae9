package dev.penstock.benchmarks.lab;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * As little proxy as Vert.x can be: hands bodies over whole and keeps nothing. Says how much of the distance to nginx is
 * the platform's and how much is ours. {@code BareProxy BACKEND-PORT PORT}.
 */
public final class BareProxy {
    private static final Logger log = LoggerFactory.getLogger(BareProxy.class);
    private static final int POOL = 256;

    private BareProxy() {}

    /** Serves until the process is ended. */
    public static void main(String[] arguments) {
        int backend = Integer.parseInt(arguments[0]);
        int port = Integer.parseInt(arguments[1]);
        Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        HttpClient client = vertx.createHttpClient(
                new HttpClientOptions().setDefaultHost("127.0.0.1").setDefaultPort(backend),
                new PoolOptions().setHttp1MaxSize(POOL));
        vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(port))
                .requestHandler(request -> request.body().onSuccess(body -> pass(client, request, body)))
                .listen()
                .onFailure(cause -> {
                    log.error("cannot listen", cause);
                    System.exit(1);
                });
    }

    private static void pass(HttpClient client, HttpServerRequest request, Buffer body) {
        client.request(request.method(), request.uri())
                .compose(call -> {
                    call.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
                    return call.send(body);
                })
                .compose(answer -> answer.body().map(whole -> {
                    request.response()
                            .setStatusCode(answer.statusCode())
                            .putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
                    return whole;
                }))
                .onSuccess(whole -> request.response().end(whole))
                .onFailure(cause -> request.response().setStatusCode(502).end());
    }
}
