package dev.penstock.gateway.ops;

import dev.penstock.common.contract.Priority;
import dev.penstock.common.crypto.FieldCipher;
import dev.penstock.common.pool.Pools;
import dev.penstock.common.service.ServiceContext;
import dev.penstock.gateway.audit.Audit;
import dev.penstock.gateway.audit.AuditLog;
import dev.penstock.gateway.auth.AccessRole;
import dev.penstock.gateway.auth.Auth;
import dev.penstock.gateway.auth.Caller;
import dev.penstock.gateway.auth.FakeKeys;
import dev.penstock.gateway.auth.KeyAdmin;
import dev.penstock.gateway.guard.Guard;
import dev.penstock.gateway.money.MoneyParts;
import dev.penstock.testkit.Await;
import dev.penstock.testkit.ServiceHarness;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The operations on a real server and a real bus, with keys in memory and whatever peers a test serves. */
final class OpsServer implements AutoCloseable {
    static final String ADMIN_KEY = "psk-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
    private static final String CONFIG = """
            auth:
              secret: a-secret-for-tests
              admin-key: %s
              refresh: 100ms
              max-stale: 1s
            server:
              allowed-origins: ["https://console.example.com"]
            alerts:
              sockets-per-key: 3
            registry:
              pools: [echo]
              allow: [127.0.0.0/8]
              max-instances: 3
              lease: 1s
            """.formatted(ADMIN_KEY);

    final ServiceHarness harness;
    final FakeKeys keys = new FakeKeys();
    final Auth auth;
    final Pools pools;
    final OperationsRoutes routes;
    final Guard guard;
    private final HttpServer server;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final WebSocketClient sockets;

    OpsServer(Path folder) {
        this(folder, Admission.OPEN);
    }

    OpsServer(Path folder, Admission admission) {
        harness = ServiceHarness.bare(CONFIG, folder);
        ServiceContext context = harness.context();
        auth = keys.auth(context, Clock.systemUTC());
        Await.result(auth.start());
        pools = Pools.create(context);
        pools.registry().start();
        guard = Guard.create(context, Audit.NONE);
        Await.result(guard.start());
        routes = new OperationsRoutes(
                context,
                auth,
                Audit.NONE,
                new MoneyParts(context, Clock.systemUTC()),
                pools,
                admission,
                () -> new NearCacheFigures.Figures(9, 1, 1, 100),
                AuditLog.open(context, FieldCipher.of(context.config())).reader(),
                guard.blocks());
        Await.result(routes.start());
        Router router = Router.router(context.vertx());
        routes.mount(router, part -> part.response().setStatusCode(404).end());
        server = Await.result(context.vertx()
                .createHttpServer(OperationsRoutes.configure(new HttpServerOptions()))
                .requestHandler(router)
                .listen(0, "127.0.0.1"));
        sockets = context.vertx().createWebSocketClient(new WebSocketClientOptions());
    }

    Vertx vertx() {
        return harness.context().vertx();
    }

    int port() {
        return server.actualPort();
    }

    /** A new key of that role. */
    String key(AccessRole role, String team) {
        var wish = new KeyAdmin.Wish("test", role, team, false, Priority.HIGH);
        return Await.result(auth.keys().create(wish, new Caller("key_test", "127.0.0.1", harness.call())))
                .key();
    }

    HttpResponse<String> get(String path, String... headers) {
        return send("GET", path, "", headers);
    }

    HttpResponse<String> send(String method, String path, String body, String... headers) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    static String[] bearer(String key) {
        return new String[] {"Authorization", "Bearer " + key};
    }

    Future<Socket> open(WebSocketConnectOptions options) {
        var socket = new Socket(sockets.webSocket());
        return socket.client
                .connect(options.setHost("127.0.0.1").setPort(port()))
                .map(opened -> socket);
    }

    /** A socket that collects its messages. */
    Socket socket(String uri, String key) {
        var options = new WebSocketConnectOptions().setURI(uri).addHeader("Authorization", "Bearer " + key);
        return Await.result(open(options));
    }

    @Override
    public void close() {
        Await.result(routes.stop());
        auth.stop();
        Await.result(pools.close());
        Await.result(server.close());
        harness.close();
    }

    /** What a client sees. */
    static final class Socket {
        final ClientWebSocket client;
        private final BlockingQueue<JsonObject> messages = new LinkedBlockingQueue<>();

        private volatile boolean closed;

        Socket(ClientWebSocket client) {
            this.client = client;
            client.textMessageHandler(text -> messages.add(new JsonObject(text)));
            client.closeHandler(end -> closed = true);
        }

        /** The next message, other than heartbeats. */
        JsonObject next() {
            try {
                JsonObject message = messages.poll(10, TimeUnit.SECONDS);
                if (message == null) {
                    throw new AssertionError("no message; closed: " + closed);
                }
                return "heartbeat".equals(message.getString("type")) ? next() : message;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        int waiting() {
            return messages.size();
        }

        void send(JsonObject message) {
            Await.result(client.writeTextMessage(message.encode()));
        }

        int closeCode() {
            Await.until("the socket is closed", () -> closed);
            return client.closeStatusCode();
        }
    }
}
