package dev.penstock.testkit;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** The part of a Kubernetes API server that discovery uses: EndpointSlices, listed and watched. Thread-safe. */
public final class FakeKubernetes implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, JsonObject> slices = new ConcurrentHashMap<>();
    private final List<HttpServerResponse> watches = new CopyOnWriteArrayList<>();
    private final List<String> versionsAsked = new CopyOnWriteArrayList<>();
    private final AtomicInteger version = new AtomicInteger(100);
    private final AtomicInteger lists = new AtomicInteger();
    private volatile String token = "";
    private volatile int oldest;

    public FakeKubernetes(Vertx vertx) {
        server = Await.result(
                vertx.createHttpServer().requestHandler(this::answer).listen(0, "127.0.0.1"));
    }

    public String url() {
        return "http://127.0.0.1:" + server.actualPort();
    }

    /** Requests without this bearer token are refused from now on. */
    public void token(String required) {
        token = required;
    }

    /** Puts a slice of the service {@code echo} with these ready addresses, and tells the watchers. */
    public void put(String name, int port, List<String> ready, List<String> unready) {
        JsonArray endpoints = new JsonArray();
        ready.forEach(address -> endpoints.add(endpoint(address, true)));
        unready.forEach(address -> endpoints.add(endpoint(address, false)));
        JsonObject slice = new JsonObject()
                .put("addressType", "IPv4")
                .put("metadata", metadata(name))
                .put(
                        "ports",
                        new JsonArray().add(new JsonObject().put("name", "http").put("port", port)))
                .put("endpoints", endpoints);
        boolean known = slices.put(name, slice) != null;
        tell(known ? "MODIFIED" : "ADDED", slice);
    }

    public void remove(String name) {
        JsonObject slice = slices.remove(name);
        if (slice == null) {
            throw new AssertionError("there is no slice " + name);
        }
        tell("DELETED", slice.copy().put("metadata", metadata(name)));
    }

    /** Ends the watches, as a server does after a while. */
    public void endWatches() {
        watches.forEach(HttpServerResponse::end);
        watches.clear();
    }

    /** Forgets all versions up to now: who asks for one of them is told 410. */
    public void compact() {
        oldest = version.incrementAndGet();
    }

    /** Tells the watchers within the stream that their version is too old. */
    public void expireWatches() {
        JsonObject status =
                new JsonObject().put("kind", "Status").put("code", 410).put("message", "too old");
        tell("ERROR", status);
    }

    public int lists() {
        return lists.get();
    }

    public int watching() {
        return watches.size();
    }

    /** The versions that watches began from. */
    public List<String> versionsAsked() {
        return List.copyOf(versionsAsked);
    }

    @Override
    public void close() {
        Await.result(server.close());
    }

    private void answer(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        if (!token.isEmpty() && !("Bearer " + token).equals(request.getHeader("authorization"))) {
            response.setStatusCode(401).end();
        } else if (!"/apis/discovery.k8s.io/v1/namespaces/default/endpointslices".equals(request.path())
                || !"kubernetes.io/service-name=echo".equals(request.getParam("labelSelector"))) {
            response.setStatusCode(404).end();
        } else if (request.getParam("watch") == null) {
            lists.incrementAndGet();
            JsonObject metadata = new JsonObject().put("resourceVersion", "" + version.get());
            JsonArray items = new JsonArray();
            slices.values().forEach(items::add);
            response.end(new JsonObject()
                    .put("metadata", metadata)
                    .put("items", items)
                    .toBuffer());
        } else {
            String asked = request.getParam("resourceVersion");
            versionsAsked.add(asked);
            if (Integer.parseInt(asked) < oldest) {
                response.setStatusCode(410).end();
                return;
            }
            response.setChunked(true);
            response.exceptionHandler(e -> watches.remove(response));
            request.connection().closeHandler(v -> watches.remove(response));
            response.writeHead();
            watches.add(response);
        }
    }

    private void tell(String type, JsonObject object) {
        String line = new JsonObject().put("type", type).put("object", object).encode() + "\n";
        watches.forEach(watch -> watch.write(line));
    }

    private JsonObject metadata(String name) {
        return new JsonObject().put("name", name).put("resourceVersion", "" + version.incrementAndGet());
    }

    private static JsonObject endpoint(String address, boolean ready) {
        return new JsonObject()
                .put("addresses", new JsonArray().add(address))
                .put("conditions", new JsonObject().put("ready", ready));
    }
}
