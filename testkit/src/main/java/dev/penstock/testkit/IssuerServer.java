package dev.penstock.testkit;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.atomic.AtomicInteger;

/** An issuer of tokens as far as others see it: its discovery document and its keys, which a test changes or takes away. */
public final class IssuerServer implements AutoCloseable {
    private final HttpServer server;
    private final AtomicInteger reads = new AtomicInteger();
    private volatile String keys = "{\"keys\":[]}";
    private volatile String claimedIssuer = "";
    private volatile boolean away;

    private IssuerServer(Vertx vertx) {
        server = vertx.createHttpServer();
    }

    /** On a free port of loopback. */
    public static Future<IssuerServer> start(Vertx vertx) {
        IssuerServer issuer = new IssuerServer(vertx);
        return issuer.server
                .requestHandler(issuer::answer)
                .listen(0, "127.0.0.1")
                .map(listening -> issuer);
    }

    /** The issuer's URL, as in {@code iss}. */
    public String url() {
        return "http://127.0.0.1:" + server.actualPort();
    }

    /** The key set that is served from now on, as JSON. */
    public void keys(String jwks) {
        keys = jwks;
    }

    /** What the discovery document says it is of; empty means itself. */
    public void claimedIssuer(String issuer) {
        claimedIssuer = issuer;
    }

    /** Whether every request gets a 500. */
    public void away(boolean value) {
        away = value;
    }

    /** How often the keys were asked for. */
    public int reads() {
        return reads.get();
    }

    @Override
    public void close() {
        Await.result(server.close());
    }

    private void answer(HttpServerRequest request) {
        String path = String.valueOf(request.path());
        boolean asked = path.equals("/keys");
        if (asked) {
            reads.incrementAndGet();
        }
        if (away) {
            request.response().setStatusCode(500).end();
        } else if (asked) {
            request.response().end(keys);
        } else if (path.equals("/.well-known/openid-configuration")) {
            JsonObject document = new JsonObject()
                    .put("issuer", claimedIssuer.isEmpty() ? url() : claimedIssuer)
                    .put("jwks_uri", url() + "/keys");
            request.response().end(document.encode());
        } else {
            request.response().setStatusCode(404).end();
        }
    }
}
