package dev.penstock.benchmarks.lab;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * As little server as Vert.x can be: answers every request with the bytes of a file and the headers beside it. What the
 * gateway is measured against. {@code BareServer BODY HEADERS PORT}.
 */
public final class BareServer {
    private static final Logger log = LoggerFactory.getLogger(BareServer.class);

    private BareServer() {}

    /** Serves until the process is ended. */
    public static void main(String[] arguments) throws IOException {
        Buffer body = Buffer.buffer(Files.readAllBytes(Path.of(arguments[0])));
        MultiMap headers = HttpHeaders.headers();
        new JsonObject(Files.readString(Path.of(arguments[1])))
                .forEach(header -> headers.set(
                        HttpHeaders.createOptimized(header.getKey()),
                        HttpHeaders.createOptimized(String.valueOf(header.getValue()))));
        int port = Integer.parseInt(arguments[2]);
        Vertx.vertx(new VertxOptions().setPreferNativeTransport(true))
                .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(port))
                .requestHandler(request -> {
                    request.response().headers().setAll(headers);
                    request.response().end(body);
                })
                .listen()
                .onFailure(cause -> {
                    log.error("cannot listen", cause);
                    System.exit(1);
                });
    }
}
