package dev.penstock.sandbox;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * The sandbox as an HTTP server on an event loop of its own. All methods may be called from any thread.
 */
public final class SandboxServer {
    private final Vertx vertx;
    private final SandboxService service;
    private final String host;
    private final int port;
    private final String deployment;

    private SandboxServer(Vertx vertx, SandboxService service, String host, int port, String deployment) {
        this.vertx = vertx;
        this.service = service;
        this.host = host;
        this.port = port;
        this.deployment = deployment;
    }

    /** Starts a server; fails if the port is taken. */
    public static Future<SandboxServer> start(Vertx vertx, SandboxOptions options) {
        SandboxService service = new SandboxService(vertx, options);
        Listener listener = new Listener(service, options);
        return vertx.deployVerticle(listener)
                .map(id -> new SandboxServer(vertx, service, options.host(), listener.port, id));
    }

    /** The port it listens on. */
    public int port() {
        return port;
    }

    /** {@code http://host:port/v1}, as the SDKs want it. */
    public String baseUrl() {
        return "http://" + host + ":" + port + "/v1";
    }

    /** Calls that reached an endpoint, whatever became of them. */
    public long calls() {
        long all = 0;
        for (Endpoint endpoint : Endpoint.values()) {
            all += calls(endpoint);
        }
        return all;
    }

    /** Calls of one endpoint. */
    public long calls(Endpoint endpoint) {
        return service.counters().calls(endpoint);
    }

    /** Texts in all calls; a chat counts as one. */
    public long items() {
        return service.counters().items();
    }

    /** Tokens generated in chats, also of those that were cancelled later. */
    public long tokens() {
        return service.counters().tokens();
    }

    /** Calls whose caller hung up before the answer was complete. */
    public long cancelled() {
        return service.counters().cancelled();
    }

    /** Calls being served, waiting or stalled now. */
    public int inFlight() {
        return service.counters().inFlight();
    }

    /** The most calls that were in flight together. */
    public int mostInFlight() {
        return service.counters().mostInFlight();
    }

    /** The most texts in one call. */
    public int largestBatch() {
        return service.counters().largestBatch();
    }

    /** Sets the counters back to 0. */
    public void resetCounters() {
        service.counters().reset();
    }

    /** What holds for the next call. */
    public Behaviour behaviour() {
        return service.behaviour();
    }

    /** Sets what holds from the next call on. */
    public void behave(Behaviour next) {
        service.behave(next);
    }

    /** Stops listening and closes all connections. */
    public Future<Void> close() {
        return vertx.undeploy(deployment);
    }

    /** Reads bodies of bounded size and hands them on. */
    private static final class Listener extends VerticleBase {
        private final SandboxService service;
        private final SandboxOptions options;
        private volatile int port;

        Listener(SandboxService service, SandboxOptions options) {
            this.service = service;
            this.options = options;
        }

        @Override
        public Future<HttpServer> start() {
            HttpServerOptions http = new HttpServerOptions()
                    .setHost(options.host())
                    .setPort(options.port())
                    .setTcpNoDelay(true)
                    .setMaxHeaderSize(64 * 1024);
            return vertx.createHttpServer(http)
                    .requestHandler(this::read)
                    .listen()
                    .onSuccess(server -> port = server.actualPort());
        }

        private void read(HttpServerRequest request) {
            String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
            if (length != null && tooLong(length)) {
                SandboxService.tooLarge(request);
                return;
            }
            BodyReader reader = new BodyReader(request);
            request.handler(reader::add);
            request.endHandler(_ -> reader.done(service));
        }

        private static boolean tooLong(String length) {
            return length.length() > 10 || Long.parseLong(length) > SandboxOptions.MAX_BODY_BYTES;
        }
    }

    /** Collects one body; the usual one comes in a single piece and is not copied. */
    private static final class BodyReader {
        private final HttpServerRequest request;
        private @Nullable Buffer body;
        private boolean refused;
        private boolean copied;

        BodyReader(HttpServerRequest request) {
            this.request = request;
        }

        void add(Buffer piece) {
            Buffer before = body;
            if (refused) {
                return;
            }
            if (before == null) {
                body = piece;
                return;
            }
            if (before.length() + piece.length() > SandboxOptions.MAX_BODY_BYTES) {
                refused = true;
                body = null;
                SandboxService.tooLarge(request);
                return;
            }
            body = (copied ? before : Buffer.buffer(before.length() * 4).appendBuffer(before)).appendBuffer(piece);
            copied = true;
        }

        void done(SandboxService service) {
            if (!refused) {
                service.handle(request, body == null ? Buffer.buffer() : body);
            }
        }
    }
}
